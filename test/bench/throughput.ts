import { BenchClient } from './irc-client.js';
import type { Figure } from './report.js';
import type { Stage } from './stage.js';

const LINES = 5_000;
const PASTES = 20;
const PASTE_LINES = 10;
const POSTS = 5_000;
const POSTS_AT_ONCE = 64;

/** Waits for `count` lines with the mark and returns their numbers in the order heard, and when the last came. */
function collect(
  client: BenchClient,
  mark: string,
  count: number,
): Promise<{ readonly heard: readonly number[]; readonly atMs: number }> {
  const pattern = new RegExp(`${mark}-(\\d+)`);
  const heard: number[] = [];
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(
      () => reject(new Error(`${mark}: ${heard.length} of ${count} arrived`)),
      60_000,
    );
    client.onLine = (line) => {
      const number = pattern.exec(line)?.[1];
      if (number === undefined) return;
      heard.push(Number(number));
      if (heard.length < count) return;
      clearTimeout(deadline);
      resolve({ heard, atMs: performance.now() });
    };
  });
}

function outOfOrder(heard: readonly number[]): number {
  return heard.filter((number, i) => number !== i).length;
}

export async function throughput(stage: Stage): Promise<readonly Figure[]> {
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#bench');
  const neighbour = await BenchClient.join(stage.one.port, 'neighbour', '#bench');
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  const floor = await burst('floor', speaker, neighbour);
  await burst('warm', speaker, listener);
  const relayed = await burst('burst', speaker, listener);
  const scrambled = await pastes(stage, listener);
  // Each further listener in this process would take from the machine what is measured.
  for (const client of [speaker, neighbour]) client.close();
  await posts(stage, listener, 'before');
  const posted = await posts(stage, listener, 'posted');
  listener.close();
  return [
    { section: 'burst', name: 'floor: one server', value: floor.perSecond, unit: 'lines/s' },
    {
      section: 'burst',
      name: `IRC to IRC, ${LINES} lines`,
      value: relayed.perSecond,
      unit: 'lines/s',
      target: { sign: '>=', value: 8_000 },
      timesFloor: relayed.perSecond / floor.perSecond,
    },
    {
      section: 'burst',
      name: 'lines out of order',
      value: relayed.outOfOrder,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
    {
      section: 'burst',
      name: 'pastes scrambled',
      value: scrambled,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
    {
      section: 'post',
      name: `${POSTS} POSTs stored`,
      value: posted.perSecond,
      unit: '/s',
      target: { sign: '>=', value: 5_000 },
    },
    {
      section: 'post',
      name: 'POSTs not heard on IRC',
      value: posted.missing,
      unit: '',
      target: { sign: '<=', value: 0 },
    },
  ];
}

async function burst(mark: string, speaker: BenchClient, listener: BenchClient) {
  const arrived = collect(listener, mark, LINES);
  const startedMs = performance.now();
  const lines = Array.from(
    { length: LINES },
    (_, i) => `PRIVMSG #bench :${mark}-${i} a line of ordinary length, as people write\r\n`,
  );
  speaker.send(lines.join(''));
  const { heard, atMs } = await arrived;
  return { perSecond: (LINES / (atMs - startedMs)) * 1000, outOfOrder: outOfOrder(heard) };
}

/** Several people paste ten lines each at the same moment: each paste must arrive in its own order. */
async function pastes(stage: Stage, listener: BenchClient): Promise<number> {
  const speakers = await Promise.all(
    Array.from({ length: PASTES }, (_, i) => BenchClient.join(stage.one.port, `paste${i}`, '#bench')),
  );
  const arrived = collect(listener, 'paste', PASTES * PASTE_LINES);
  speakers.forEach((speaker, who) => {
    const lines = Array.from(
      { length: PASTE_LINES },
      (_, i) => `PRIVMSG #bench :paste-${who * PASTE_LINES + i}\r\n`,
    );
    speaker.send(lines.join(''));
  });
  const { heard } = await arrived;
  for (const speaker of speakers) speaker.close();
  const pasteOf = (who: number) => heard.filter((number) => Math.floor(number / PASTE_LINES) === who);
  return speakers.filter((_, who) => pasteOf(who).some((number, i) => number !== who * PASTE_LINES + i))
    .length;
}

async function posts(stage: Stage, listener: BenchClient, mark: string) {
  const arrived = collect(listener, mark, POSTS);
  let next = 0;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: POSTS_AT_ONCE }, async () => {
      while (next < POSTS) {
        const number = next++;
        await stage.post('bench', `${mark}-${number}`);
      }
    }),
  );
  const perSecond = (POSTS / (performance.now() - startedMs)) * 1000;
  const { heard } = await arrived;
  return { perSecond, missing: POSTS - new Set(heard).size };
}
