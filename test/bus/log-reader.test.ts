import test from 'ava';
import { startNatsCluster } from '../peers/nats-cluster.js';
import { makeEvent, numbered, openBus, until } from './fixtures.js';

const LONG_MS = 60_000;

test('log reader - reads on while servers of the cluster go and come', async (t) => {
  const nodes = await startNatsCluster(t);
  const [own, ...others] = nodes;
  if (own === undefined) return t.fail();
  const history = { maxAgeMs: 3_600_000, maxBytes: 64 * 1024 * 1024, replicas: 3 };
  const bus = await openBus(t, { servers: [`nats://127.0.0.1:${own.port}`] }, { history });
  const texts = numbered(40);
  let last = 0;
  for (const text of texts) {
    const event = makeEvent('lobby', text);
    await bus.store(event);
    last = (await bus.sequenceOf('lobby', event.id)) ?? 0;
  }
  t.is(last, texts.length);
  const readAll = async () =>
    (await bus.read('lobby', { after: 0, limit: 1000 })).map(({ event }) => event.data.text);
  // A server that was away may have to catch up, and the log a leader to find; that is not what this is about.
  const readSoon = () => readAll().catch(() => []);
  const whole = () =>
    until('every copy is whole', async () => (await readSoon()).length === texts.length, LONG_MS);
  const slowest: Record<string, number> = {};
  for (const [index, node] of others.entries()) {
    await whole();
    if (index === 0) node.signal('SIGTERM');
    else await node.kill();
    for (let round = 0; round < 12; round += 1) {
      const startedAt = performance.now();
      t.deepEqual(await readAll(), texts);
      const name = index === 0 ? 'planned' : 'killed';
      slowest[name] = Math.max(slowest[name] ?? 0, performance.now() - startedAt);
    }
    await until('the server has ended', () => !node.running);
    await node.start();
    await until(
      'it is a member again',
      async () => {
        await bus.store(makeEvent('other', 'barrier'));
        return true;
      },
      LONG_MS,
    );
  }
  t.log(`slowest read, ms: ${JSON.stringify(slowest)}`);
});
