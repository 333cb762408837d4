import { BenchClient } from './irc-client.js';
import { cpuMs } from './processes.js';
import type { Figure } from './report.js';
import type { Stage } from './stage.js';
import { spreadOf } from './stats.js';

const LINES = 5_000;
const FLOORS = 5;
const BURSTS = 3;
const SETTLE_MS = 500;
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
  const floor = await floorOf(stage);
  // What the first burst meets is code that has not run yet.
  await stage.parley.stop();
  await stage.parley.start();
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#bench');
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  const bursts: Burst[] = [];
  const clock = await CpuClock.start(stage);
  bursts.push(await burst('burst0', speaker, listener));
  const firstCost = await clock.perEvent(LINES);
  await clock.restart();
  for (let i = 1; i < BURSTS; i++) bursts.push(await burst(`burst${i}`, speaker, listener));
  const burstCost = await clock.perEvent((BURSTS - 1) * LINES);
  const scrambled = await pastes(stage, listener);
  // Each further listener in this process would take from the machine what is measured.
  speaker.close();
  await posts(stage, listener, 'before');
  await clock.restart();
  const posted = await posts(stage, listener, 'posted');
  const postCost = await clock.perEvent(POSTS);
  listener.close();
  return [
    ...burstFigures(bursts, floor),
    figure('burst', 'pastes scrambled', scrambled, '', { sign: '<=', value: 0 }),
    ...firstCost.map(([name, value]) => figure('burst', `CPU of ${name}, a line of the first`, value, 'µs')),
    ...burstCost.map(([name, value]) => figure('burst', `CPU of ${name}, a later line`, value, 'µs')),
    figure('post', `${POSTS} POSTs stored`, posted.perSecond, '/s', { sign: '>=', value: 5_000 }),
    figure('post', 'POSTs not heard on IRC', posted.missing, '', { sign: '<=', value: 0 }),
    ...postCost.map(([name, value]) => figure('post', `CPU of ${name}, a POST`, value, 'µs')),
  ];
}

function burstFigures(bursts: readonly Burst[], floor: number): readonly Figure[] {
  const wanted = { sign: '>=', value: 8_000 } as const;
  const [first = Number.NaN, ...later] = bursts.map(({ perSecond }) => perSecond);
  const warm = later.at(-1) ?? Number.NaN;
  const scrambled = bursts.reduce((sum, burst) => sum + burst.outOfOrder, 0);
  return [
    figure('burst', 'floor: one server', floor, 'lines/s'),
    {
      ...figure('burst', `IRC to IRC, ${LINES} lines, first`, first, 'lines/s', wanted),
      timesFloor: first / floor,
    },
    {
      ...figure('burst', `IRC to IRC, ${LINES} lines, third`, warm, 'lines/s', wanted),
      timesFloor: warm / floor,
    },
    figure('burst', 'lines out of order', scrambled, '', { sign: '<=', value: 0 }),
  ];
}

function figure(
  section: string,
  name: string,
  value: number,
  unit: string,
  target?: Figure['target'],
): Figure {
  return { section, name, value, unit, ...(target === undefined ? {} : { target }) };
}

/** What an event costs: hardly touched by what else the machine does, unlike any time. */
class CpuClock {
  readonly #pids: { readonly pid: number; readonly nodePid: number };
  #from: readonly [number, number] = [0, 0];

  private constructor(pids: { readonly pid: number; readonly nodePid: number }) {
    this.#pids = pids;
  }

  static async start(stage: Stage): Promise<CpuClock> {
    const clock = new CpuClock(await stage.pids());
    await clock.restart();
    return clock;
  }

  async restart(): Promise<void> {
    this.#from = await this.#read();
  }

  /** µs an event, once both processes have finished what the last one left to do. */
  async perEvent(events: number): Promise<readonly (readonly [string, number])[]> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const [parley, node] = await this.#read();
    const cost = (now: number, from: number) => ((now - from) * 1000) / events;
    return [
      ['Parley', cost(parley, this.#from[0])],
      ['nats-server', cost(node, this.#from[1])],
    ];
  }

  async #read(): Promise<readonly [number, number]> {
    return [await cpuMs(this.#pids.pid), await cpuMs(this.#pids.nodePid)];
  }
}

interface Burst {
  readonly perSecond: number;
  readonly outOfOrder: number;
}

/** In a channel that Parley is not in: it would relay these lines too, and be busy with them when its own turn comes. */
async function floorOf(stage: Stage): Promise<number> {
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#floor');
  const neighbour = await BenchClient.join(stage.one.port, 'neighbour', '#floor');
  const floors: number[] = [];
  for (let i = 0; i < FLOORS; i++)
    floors.push((await burst(`floor${i}`, speaker, neighbour, '#floor')).perSecond);
  for (const client of [speaker, neighbour]) client.close();
  return spreadOf(floors).p50;
}

async function burst(
  mark: string,
  speaker: BenchClient,
  listener: BenchClient,
  channel = '#bench',
): Promise<Burst> {
  const arrived = collect(listener, mark, LINES);
  const startedMs = performance.now();
  const lines = Array.from(
    { length: LINES },
    (_, i) => `PRIVMSG ${channel} :${mark}-${i} a line of ordinary length, as people write\r\n`,
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
