import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { type Bus, openProbe } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { DiskWatch, filesOf, type Node } from '../../src/node/index.js';
import { makeEvent, numbered } from '../bus/fixtures.js';
import { makeDisk } from '../faults/disk.js';
import { until } from '../peers/index.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';
import { makeCluster, openStreams, startAll } from './machines.js';

const LONG_MS = 90_000;
const THREE_COPIES = { maxAgeMs: 3_600_000, maxBytes: 16 * 1024 * 1024, replicas: 3 };

function long(what: string) {
  return { what, deadlineMs: 90_000 };
}

/** Says numbered lines until it is stopped. */
function talk(bus: Bus): () => Promise<readonly string[]> {
  const said: string[] = [];
  let over = false;
  const talking = (async () => {
    while (!over) {
      const text = String(said.length);
      await bus.store(makeEvent('lobby', text));
      said.push(text);
    }
  })();
  return async () => {
    over = true;
    await talking;
    return said;
  };
}

async function reads(t: ExecutionContext, bus: Bus, texts: readonly string[]): Promise<void> {
  const read: (string | undefined)[] = [];
  for (let after = 0; ; ) {
    const events = await bus.read('lobby', { after, limit: 500 });
    read.push(...events.map(({ event }) => (event.data as { text?: string }).text));
    const last = events.at(-1);
    if (last === undefined) break;
    after = last.sequence;
  }
  t.deepEqual(read, texts);
}

async function level(bus: Bus): Promise<boolean> {
  const streams = await bus.copies();
  return streams.every(({ copies }) => copies.length === 3 && copies.every(({ current }) => current));
}

test('renewal - a member whose disk was full gets its streams from the others, and nothing is lost', async (t) => {
  t.timeout(180_000);
  const disk = await makeDisk(t, 'gamma', 96);
  if (!disk.canFill) return t.log('mounting a small disk needs root');
  const machines = await makeCluster(t, ['alpha', 'beta', 'gamma'], { gamma: disk.directory });
  const lines: RecordedLine[] = [];
  const gamma = machines.all[2] ?? fail();
  const nodes = await Promise.all(
    machines.all.map((machine) => machine.start(machine === gamma ? recordingLog(lines) : silentLogger)),
  );
  const [first, second, third] = nodes as [Node, Node, Node];
  await Promise.all(nodes.map((node) => node.ready(AbortSignal.timeout(LONG_MS))));
  const watch = new DiskWatch({ node: third, directory: gamma.config.store, log: recordingLog(lines) });
  t.teardown(() => watch.stop());
  const bus = await opened(t, first);
  const hush = talk(bus);
  await until(() => level(bus).catch(() => false), long('the copies are level'));

  await disk.fill();
  await until(() => third.state.kind === 'down', long('the server without room is stopped'));
  await bus.store(makeEvent('elsewhere', 'meanwhile'));
  await disk.free();
  await third.ready(AbortSignal.timeout(LONG_MS));
  await until(() => level(bus).catch(() => false), long('it has caught up'));
  const said = await hush();
  t.true(lines.some(({ message }) => message.startsWith('this node begins empty')));

  // With one of the two that had everything gone, the other and it are all there is.
  await first.stop();
  const later = await opened(t, second);
  await until(() => isLed(later).catch(() => false), long('the rest has a leader'));
  await reads(t, later, said);
});

/** All three have the whole room log, as each of them says. */
async function endAlike({ system }: Node): Promise<boolean> {
  const probe = await openProbe(system, silentLogger);
  const answers = await probe.holdings(1000, 3).finally(() => probe.close());
  const ends = answers.flatMap(({ groups }) =>
    groups.flatMap(({ stream, last }) => (stream === 'ROOMS' && last !== null ? [last.sequence] : [])),
  );
  return ends.length === 3 && new Set(ends).size === 1;
}

async function isLed(bus: Bus): Promise<boolean> {
  const streams = await bus.copies();
  return streams.length > 0 && streams.every(({ leader }) => leader !== null);
}

/** A leader that was just chosen may take longer for its first streams than a bus waits. */
function opened(t: ExecutionContext, node: Node): Promise<Bus> {
  return openStreams(t, node, THREE_COPIES);
}

test('renewal - a deposed leader whose copy is not that of the others gets theirs', async (t) => {
  t.timeout(180_000);
  const machines = await makeCluster(t);
  const lines: RecordedLine[] = [];
  const nodes = await Promise.all(machines.all.map((machine) => machine.start(recordingLog(lines))));
  await Promise.all(nodes.map((node) => node.ready(AbortSignal.timeout(90_000))));
  const bus = await opened(t, nodes[0] ?? fail());
  for (const text of numbered(3)) await bus.store(makeEvent('lobby', text));
  await until(() => level(bus).catch(() => false), long('the copies are level'));
  const leader = (await bus.copies()).find(({ stream }) => stream === 'ROOMS')?.leader;
  const deposed = machines.all.findIndex(({ name }) => name === leader);
  const node = nodes[deposed] ?? fail();

  // What nobody else has: it alone is there to take it.
  const stranded = await opened(t, node);
  await Promise.all(nodes.filter((other) => other !== node).map((other) => other.stop()));
  const late = numbered(3, 10).map((text) => stranded.store(makeEvent('lobby', text)));
  await stranded.ping();
  process.kill(node.pid, 'SIGSTOP');
  t.teardown(() => process.kill(node.pid, 'SIGCONT'));
  const others = await Promise.all(machines.all.filter((_, i) => i !== deposed).map((one) => one.start()));
  await Promise.all(others.map((other) => other.ready(AbortSignal.timeout(90_000))));
  const elsewhere = await opened(t, others[0] ?? fail());
  await elsewhere.store(makeEvent('lobby', '3'));
  process.kill(node.pid, 'SIGCONT');

  await Promise.all(late);
  const renewed = () => lines.some(({ message }) => message.startsWith('this node begins empty'));
  await until(renewed, long('its copy is found to be odd'));
  await node.ready(AbortSignal.timeout(90_000));
  await until(() => endAlike(others[0] ?? fail()).catch(() => false), long('it has caught up'));
  // Pages are read from any copy.
  for (let i = 0; i < 20; i++) {
    const texts = (await elsewhere.read('lobby', { limit: 500 })).map(({ event }) => event.data.text);
    t.deepEqual(texts.toSorted(), ['0', '1', '10', '11', '12', '2', '3']);
  }
});

test('renewal - a member that doubts its streams keeps them while the others cannot give them', async (t) => {
  const machines = await makeCluster(t);
  const nodes = await startAll(machines);
  const [first, second, third] = nodes as [Node, Node, Node];
  const gamma = machines.all[2] ?? fail();
  const files = filesOf(gamma.config.store);
  const bus = await opened(t, first);
  for (const text of numbered(5)) await bus.store(makeEvent('lobby', text));
  await until(() => level(bus).catch(() => false), long('the copies are level'));
  await third.doubt('a test');
  await Promise.all([second.stop(), third.stop()]);
  t.true(existsSync(files.doubt.yes));

  const lines: RecordedLine[] = [];
  const again = await gamma.start(recordingLog(lines), { sparedMs: 3000 });
  t.true(lines.some(({ level, message }) => level === 'error' && /cannot give them anew/.test(message)));
  t.false(existsSync(files.aside));
  await again.ready(AbortSignal.timeout(LONG_MS));
  const later = await opened(t, again);
  await until(() => isLed(later).catch(() => false), long('the two have a leader'));
  await reads(t, later, numbered(5));
});

function fail(): never {
  throw new Error('no such machine');
}
