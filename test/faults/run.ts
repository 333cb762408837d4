/** One run: a load, faults one after the other, time to settle, a verdict. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type TestContext, until } from '../peers/index.js';
import type { Applied } from './acts.js';
import type { Span, Verdict } from './checker.js';
import { FAULTS, type Fault } from './faults.js';
import { Load } from './load.js';
import { Operator } from './operator.js';
import { Random } from './random.js';
import { Record } from './record.js';
import { startWorld, type World } from './world.js';

export interface RunOptions {
  readonly seed: number;
  readonly nodes: 1 | 3;
  readonly rooms: number;
  /** Lines a second. */
  readonly rate: number;
  /** How long faults go on, ms. Each of them comes once at least, however long that takes. */
  readonly durationMs: number;
  /** Names of faults. Empty: all. */
  readonly only: readonly string[];
  /** Faults last as long as in a test, rather than as long as in life. */
  readonly short: boolean;
  /** Folder for the logs of gateways and nats-servers, or null. */
  readonly logs: string | null;
  readonly progress: (line: string) => void;
}

export interface Occurrence extends Span {
  readonly target: string;
  /** Longest time in which one of the networks heard nothing, from the fault until everything flowed again. */
  readonly silentMs: number;
  /** From when the fault was taken back until every network heard something new from every other; null: never. */
  readonly recoveredMs: number | null;
}

export interface RunResult {
  readonly options: RunOptions;
  readonly occurrences: readonly Occurrence[];
  /** Fault → why it was left out. */
  readonly skipped: ReadonlyMap<string, string>;
  readonly verdict: Verdict;
  /** Answers that no gateway should have given. */
  readonly refusals: readonly string[];
  /** How long the last accepted line took to arrive everywhere after the load ended; null: some never did. */
  readonly settledMs: number | null;
}

const RECOVER_MS = 60_000;
const SETTLE_MS = 60_000;
/** Room for what repeats under the same key, before the last requests are given up. */
const GRACE_MS = 20_000;

export async function run(t: TestContext, options: RunOptions): Promise<RunResult> {
  const random = new Random(options.seed);
  const world = await startWorld(t, options);
  const load = new Load(world, options);
  const record = new Record(world, load);
  const skipped = new Map<string, string>();
  const wanted = FAULTS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const able = wanted.filter((fault) => {
    const reason = fault.unable(world);
    if (reason !== null) skipped.set(fault.name, reason);
    return reason === null;
  });
  const operator = operatorOf(world, options);
  load.start();
  await flowing(record, performance.now());
  const occurrences = await inflictAll({ world, record, random, options, operator }, able);
  await load.stop(GRACE_MS);
  const settledMs = await settle(record);
  await operator?.stop();
  const verdict = record.verdict(occurrences, operator?.readings ?? []);
  if (options.logs !== null) await saveLogs(world, options.logs);
  return { options, occurrences, skipped, verdict, refusals: load.refusals, settledMs };
}

/** Takes seconds after a fault to see anything: nothing for a short run. */
function operatorOf({ nodes }: World, { short, progress }: RunOptions): Operator | null {
  if (short || nodes.length === 1) return null;
  return new Operator(
    nodes.map(({ nats }) => nats),
    progress,
  );
}

async function saveLogs({ nodes }: World, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const process of nodes.flatMap(({ gateway, nats }) => [gateway, nats])) {
    await writeFile(join(folder, `${process.name}.log`), process.log());
  }
}

interface Scene {
  readonly operator: Operator | null;
  readonly world: World;
  readonly record: Record;
  readonly random: Random;
  readonly options: RunOptions;
}

async function inflictAll(scene: Scene, faults: readonly Fault[]): Promise<readonly Occurrence[]> {
  const occurrences: Occurrence[] = [];
  const end = performance.now() + scene.options.durationMs;
  do {
    for (const fault of scene.random.shuffled(faults)) {
      if (occurrences.length >= faults.length && performance.now() > end) break;
      const occurrence = await inflict(scene, fault);
      occurrences.push(occurrence);
      const recovered =
        occurrence.recoveredMs === null
          ? 'NOT RECOVERED'
          : `recovered in ${Math.round(occurrence.recoveredMs)} ms`;
      scene.options.progress(
        `${fault.name} (${occurrence.target}): silent ${Math.round(occurrence.silentMs)} ms, ${recovered}`,
      );
    }
  } while (faults.length > 0 && performance.now() < end);
  return occurrences;
}

async function inflict(
  { world, record, random, options, operator }: Scene,
  fault: Fault,
): Promise<Occurrence> {
  const [calmS, lastsS] = options.short ? [0.2, fault.shortS] : [random.between(1, 3), fault.lastsS];
  await pause(calmS * 1000);
  await operator?.leave();
  record.watchSilence();
  const fromMs = performance.now();
  const applied = await fault.apply(world, random);
  await pause(random.between(...lastsS) * 1000);
  const undoneMs = performance.now();
  const recovered = await undo(applied, record, undoneMs, options);
  const now = performance.now();
  operator?.back();
  return {
    fault: fault.name,
    fromMs,
    target: applied.target,
    silentMs: record.longestSilence(),
    recoveredMs: recovered ? now - undoneMs : null,
  };
}

async function undo(
  applied: Applied,
  record: Record,
  sinceMs: number,
  options: RunOptions,
): Promise<boolean> {
  try {
    await Promise.all([applied.undo(), flowing(record, sinceMs)]);
    return true;
  } catch (error) {
    options.progress(`${applied.target}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function flowing(record: Record, sinceMs: number): Promise<void> {
  await until(() => record.heardSince(sinceMs), {
    what: 'every network to hear every other',
    deadlineMs: RECOVER_MS,
    everyMs: 10,
  });
}

async function settle(record: Record): Promise<number | null> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < SETTLE_MS) {
    const isRead = await record.readLogs().then(
      () => true,
      () => false,
    );
    if (isRead && record.missing() === 0) return performance.now() - startedMs;
    await pause(200);
  }
  return null;
}
