import test from 'ava';
import { connect } from 'nats';
import { ParleyError } from '../../src/errors.js';
import { startNats } from '../peers/nats.js';
import { numbered, openBus } from './fixtures.js';

test('services - a question gets its answer across connections', async (t) => {
  const server = await startNats(t);
  const asking = await openBus(t, server.address);
  const answering = await openBus(t, server.address);
  answering.serve(['network', '#odd', 'say'], async (body) => ({ heard: body }));
  await answering.ping();
  const answer = await asking.request(['network', '#odd', 'say'], { text: 'hällo' }, 10_000);
  t.deepEqual(answer, { heard: { text: 'hällo' } });
});

test('services - an answer of nothing is null', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  bus.serve(['quiet'], async () => undefined);
  t.is(await bus.request(['quiet'], undefined, 10_000), null);
});

test('services - an expected error comes back with code and fix', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  bus.serve(['fails'], async () => {
    throw new ParleyError('NOT_FOUND', 'no such network', { fix: 'Name another.' });
  });
  const error = await t.throwsAsync(bus.request(['fails'], null, 10_000), { instanceOf: ParleyError });
  t.is(error.code, 'NOT_FOUND');
  t.is(error.message, 'no such network');
  t.is(error.fix, 'Name another.');
});

test('services - a bug in a handler is answered too, and serving goes on', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  let calls = 0;
  bus.serve(['buggy'], async () => {
    calls += 1;
    if (calls === 1) throw new TypeError('x is undefined');
    return calls;
  });
  await t.throwsAsync(bus.request(['buggy'], null, 10_000), { code: 'INTERNAL' });
  t.is(await bus.request(['buggy'], null, 10_000), 2);
});

test('services - a question that is no JSON is answered with an error', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  bus.serve(['echo'], async (body) => body);
  const stranger = await connect({ servers: [...server.address.servers] });
  t.teardown(() => stranger.close());
  const { error } = (await stranger.request('parley.echo', '{')).json<{ error: { code: string } }>();
  t.truthy(error.code);
});

test('services - an answer that is too large becomes an error', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  bus.serve(['large'], async () => 'x'.repeat(2 * 1024 * 1024));
  await t.throwsAsync(bus.request(['large'], null, 10_000), { code: 'INTERNAL' });
});

test('services - nobody there is said at once, nobody answering after the time', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const before = performance.now();
  await t.throwsAsync(bus.request(['nobody'], null, 10_000), { code: 'BACKBONE_UNAVAILABLE' });
  t.true(performance.now() - before < 5000);
  bus.serve(['sleepy'], () => new Promise(() => {}));
  await t.throwsAsync(bus.request(['sleepy'], null, 50), {
    code: 'BACKBONE_UNAVAILABLE',
    message: /within 50 ms/,
  });
});

test('services - one of several answers each question', async (t) => {
  const server = await startNats(t);
  const calls = [0, 0];
  for (const index of [0, 1]) {
    const bus = await openBus(t, server.address);
    bus.serve(['shared'], async () => {
      calls[index] = (calls[index] ?? 0) + 1;
    });
    await bus.ping();
  }
  const asking = await openBus(t, server.address);
  await Promise.all(numbered(50).map(() => asking.request(['shared'], null, 10_000)));
  t.is((calls[0] ?? 0) + (calls[1] ?? 0), 50);
});

test('services - stop ends the serving', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  const serving = bus.serve(['short'], async () => 1);
  t.is(await bus.request(['short'], null, 10_000), 1);
  await serving.stop();
  await serving.closed;
  await t.throwsAsync(bus.request(['short'], null, 10_000), { code: 'BACKBONE_UNAVAILABLE' });
});
