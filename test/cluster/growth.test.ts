/** One node with a log becomes three; real servers, the work cut off on the way. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Delivery } from '../../src/bus/index.js';
import { awaitGrowth, grow, readGrowth, writeGrowth } from '../../src/cluster/index.js';
import { silentLogger } from '../../src/log.js';
import { filesOf, startNode, writeClusterFile } from '../../src/node/index.js';
import { makeEvent, numbered, openBus, storeAll, textOf, until } from '../bus/fixtures.js';
import { makeMachines } from '../node/machines.js';
import { temporaryDirectory } from '../peers/index.js';

const LONG_MS = 120_000;

test('growth - a log, its consumers and buckets reach three copies; what is said meanwhile follows', async (t) => {
  t.timeout(300_000);
  const machines = await makeMachines(t, ['alpha', 'beta', 'gamma']);
  const [alpha, beta, gamma] = machines.all;
  if (alpha === undefined || beta === undefined || gamma === undefined) return t.fail();
  const first = await alpha.start();
  const bus = await openBus(t, first.address);
  const texts = numbered(2000);
  const heard: string[] = [];
  const take = (delivery: Delivery): void => {
    heard.push(textOf(delivery));
    if (heard.length <= 1000) delivery.ack();
  };
  const deliveries = await bus.deliveries('libera', take);
  await storeAll(bus, 'lobby', texts);
  // As many beyond the acknowledged ones as the consumer gives at once.
  await until('a part was delivered', () => heard.length > 1000);
  await deliveries.stop();
  const bucket = await bus.bucket<string>('TOKENS');
  await bucket.put('a', 'b');

  const files = filesOf(alpha.config.store);
  const signal = AbortSignal.timeout(LONG_MS);
  await writeGrowth(files, { target: machines.stateOf(alpha), step: 'save' });
  // Cut off while it waits for the others: what was stored is not there, and not lost.
  const cut = first.maintain((bench) => grow(bench, silentLogger, AbortSignal.timeout(3000)));
  await t.throwsAsync(cut, { any: true });
  t.is((await readGrowth(files))?.step, 'restore');
  await first.stop();
  const growing = join(alpha.config.store, 'grow');
  const kept = join(await temporaryDirectory(t, 'kept'), 'grow');
  await cp(growing, kept, { recursive: true });

  const joining = [beta, gamma].map(async ({ config, name }) => {
    const machine = machines.all.find((each) => each.name === name) ?? beta;
    const state = machines.stateOf(machine);
    await writeClusterFile(filesOf(config.store).cluster, state);
    const node = await startNode(config, silentLogger, 'parley', (bench) =>
      awaitGrowth(bench, state, silentLogger, signal),
    );
    t.teardown(() => node.stop());
    return node;
  });
  const late = bus.store(makeEvent('lobby', 'late'));
  const again = await startNode(alpha.config, silentLogger, 'parley', (bench) =>
    grow(bench, silentLogger, signal),
  );
  t.teardown(() => again.stop());
  const nodes = [again, ...(await Promise.all(joining))];
  await Promise.all(nodes.map((node) => node.ready(signal)));
  t.is(await readGrowth(files), null);
  t.false((await late).duplicate);

  const other = await openBus(t, nodes[1]?.address ?? again.address, {
    history: { maxAgeMs: 3_600_000, maxBytes: 256 * 1024 * 1024, replicas: 3 },
  });
  t.is((await other.usage()).messages, texts.length + 1);
  t.is(await (await other.bucket<string>('TOKENS')).get('a'), 'b');
  const rest: string[] = [];
  await other.deliveries('libera', (delivery) => {
    rest.push(textOf(delivery));
    delivery.ack();
  });
  await until('the rest was delivered', () => rest.includes('late'), LONG_MS);
  // At least once: those that were given, but not acknowledged, come again.
  t.deepEqual([...new Set(rest)].sort(), [...texts.slice(1000), 'late'].sort());

  // Killed after the last step and before it was noted: what was said since is not replaced by what was saved.
  await again.stop();
  await cp(kept, growing, { recursive: true });
  await other.store(makeEvent('lobby', 'since'));
  const third = await startNode(alpha.config, silentLogger, 'parley', (bench) =>
    grow(bench, silentLogger, signal),
  );
  t.teardown(() => third.stop());
  await third.ready(signal);
  t.is(await readGrowth(files), null);
  t.is((await other.usage()).messages, texts.length + 2);
});
