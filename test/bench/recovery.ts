import { BenchClient } from './irc-client.js';
import type { Figure } from './report.js';
import type { Stage } from './stage.js';

const AWAY_MS = 3_000;
const RUN_LINES = 400;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function recovery(stage: Stage): Promise<readonly Figure[]> {
  return [...(await start(stage)), ...(await serverAway(stage)), ...(await killed(stage))];
}

/** From starting the process to the first line heard on the other side. */
async function start(stage: Stage): Promise<readonly Figure[]> {
  await stage.parley.stop();
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#bench');
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  const startedMs = performance.now();
  const heard = listener.until((line) => line.includes('first-line'));
  await stage.parley.start();
  const knocking = setInterval(() => speaker.send('PRIVMSG #bench :first-line\r\n'), 20);
  await heard;
  clearInterval(knocking);
  const ms = performance.now() - startedMs;
  speaker.close();
  listener.close();
  return [
    {
      section: 'recovery',
      name: 'start to first relayed line',
      value: ms,
      unit: 'ms',
      target: { sign: '<=', value: 1_500 },
    },
  ];
}

/** The IRC server of one side is killed, away for three seconds, and back; meanwhile the other side goes on talking. */
async function serverAway(stage: Stage): Promise<readonly Figure[]> {
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#bench');
  await stage.two.kill();
  const total = AWAY_MS / 50;
  for (let i = 0; i < total; i++) {
    speaker.send(`PRIVMSG #bench :away-${i}\r\n`);
    await pause(50);
  }
  await stage.two.start();
  const backMs = performance.now();
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  const heard: number[] = [];
  listener.onLine = (line) => {
    const number = /away-(\d+)/.exec(line)?.[1];
    if (number !== undefined) heard.push(Number(number));
  };
  const rejoined = listener.until((line) => / JOIN :?#bench/.test(line) && line.startsWith(':parley'));
  await Promise.race([rejoined, listener.until((line) => line.includes('away-'))]);
  const ms = performance.now() - backMs;
  while (heard.length < total && performance.now() - backMs < 20_000) await pause(10);
  speaker.close();
  listener.close();
  const ordered = heard.every((number, i) => i === 0 || number > (heard[i - 1] ?? -1));
  return [
    {
      section: 'recovery',
      name: 'back in the channel',
      value: ms,
      unit: 'ms',
      target: { sign: '<=', value: 2_000 },
    },
    {
      section: 'recovery',
      name: 'lines lost meanwhile',
      value: total - new Set(heard).size,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
    {
      section: 'recovery',
      name: 'their order broken',
      value: ordered ? 0 : 1,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
  ];
}

/** kill -9 of Parley while HTTP clients post 50 messages a second and repeat what was not answered. */
async function killed(stage: Stage): Promise<readonly Figure[]> {
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  const heard: number[] = [];
  listener.onLine = (line) => {
    const number = /run-(\d+)/.exec(line)?.[1];
    if (number !== undefined) heard.push(Number(number));
  };
  const accepted = new Set<number>();
  let backMs = 0;
  let killedAt = 0;
  for (let i = 0; i < RUN_LINES; i++) {
    if (i === RUN_LINES / 2) {
      await stage.parley.kill();
      killedAt = performance.now();
      void stage.parley.start().then(() => {
        backMs = performance.now() - killedAt;
      });
    }
    stage.post('bench', `run-${i}`).then(
      () => accepted.add(i),
      () => {},
    );
    await pause(20);
  }
  const lost = () => [...accepted].filter((number) => !heard.includes(number)).length;
  const startedMs = performance.now();
  while ((backMs === 0 || lost() > 0) && performance.now() - startedMs < 20_000) await pause(10);
  listener.close();
  return [
    {
      section: 'recovery',
      name: 'kill -9: back after restart',
      value: backMs,
      unit: 'ms',
      target: { sign: '<=', value: 1_500 },
    },
    {
      section: 'recovery',
      name: 'kill -9: accepted events lost',
      value: lost(),
      unit: '',
      target: { sign: '<=', value: 0 },
    },
    {
      section: 'recovery',
      name: 'kill -9: lines doubled',
      value: heard.length - new Set(heard).size,
      unit: '',
      target: { sign: '<=', value: 1 },
    },
  ];
}
