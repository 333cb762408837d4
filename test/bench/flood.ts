import { BenchClient } from './irc-client.js';
import type { Figure } from './report.js';
import type { Stage } from './stage.js';

const LINES = 40;

/** With ordinary flood limits a burst queues: everything arrives, in order, at the pace of the limit. */
export async function flood(stage: Stage): Promise<readonly Figure[]> {
  await stage.addSlowNetwork();
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#slow');
  const listener = await BenchClient.join(stage.two.port, 'listener', '#slow');
  const heard: number[] = [];
  const all = new Promise<void>((resolve) => {
    listener.onLine = (line) => {
      const number = /slow-(\d+)/.exec(line)?.[1];
      if (number === undefined) return;
      heard.push(Number(number));
      if (heard.length === LINES) resolve();
    };
  });
  const startedMs = performance.now();
  for (let i = 0; i < LINES; i++) speaker.send(`PRIVMSG #slow :slow-${i}\r\n`);
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 40_000))]);
  const seconds = (performance.now() - startedMs) / 1000;
  speaker.close();
  listener.close();
  return [
    {
      section: 'flood',
      name: `${LINES} lines at 2/s, dropped`,
      value: LINES - heard.length,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
    {
      section: 'flood',
      name: 'out of order',
      value: heard.filter((number, i) => number !== i).length,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
    { section: 'flood', name: 'pace', value: heard.length / seconds, unit: 'lines/s' },
  ];
}
