import test from 'ava';
import { SaidLately } from '../../src/network/said-lately.js';
import { openBus, until } from '../bus/fixtures.js';
import { startTcpProxy } from '../peers/index.js';
import { startNats } from '../peers/nats.js';

test('said lately - every gateway that may own the network knows what its owner has said', async (t) => {
  const { address } = await startNats(t);
  const [owner, next] = await Promise.all(
    [1, 2].map(async () => {
      const bus = await openBus(t, address);
      const said = new SaidLately({ bus, network: 'one', alone: () => false });
      await bus.ping(); // the server knows its subscription
      t.teardown(() => said.stop());
      return said;
    }),
  );
  if (owner === undefined || next === undefined) return t.fail();
  owner.add('a');
  owner.add('b');
  t.true(owner.has('a'), 'its own words, whatever the others hear');
  await until('the other to hear of them', () => next.has('a') && next.has('b'));
  t.false(next.has('c'));
});

test('said lately - what an owner said while it was cut off is told when it is back', async (t) => {
  const { address, port } = await startNats(t);
  const wire = await startTcpProxy(t, port);
  const bus = await openBus(t, { ...address, servers: [`nats://127.0.0.1:${wire.port}`] });
  const elsewhere = await openBus(t, address);
  const owner = new SaidLately({ bus, network: 'one', alone: () => false });
  const next = new SaidLately({ bus: elsewhere, network: 'one', alone: () => false });
  t.teardown(() => Promise.all([owner.stop(), next.stop()]));
  await elsewhere.ping();
  wire.stall();
  wire.cut();
  await until('it to notice', () => bus.state !== 'connected');
  owner.add('a');
  wire.resume();
  await until('the other to hear of it', () => next.has('a'));
  t.true(next.has('a'));
});

test('said lately - the oldest is forgotten, not the latest', (t) => {
  const bus = {
    tell: () => t.fail(),
    onState: () => {},
    hear: () => ({ stop: async () => {}, closed: new Promise<void>(() => {}) }),
  };
  const said = new SaidLately({ bus, network: 'one', alone: () => true });
  for (let i = 0; i < 20_000; i++) said.add(String(i));
  t.false(said.has('0'));
  t.true(said.has('11808'));
  t.true(said.has('19999'));
  t.is(said.untold, null, 'nobody else could say it again');
});

test('said lately - another gateway answers, and is told again what it did not hear', async (t) => {
  const { address } = await startNats(t);
  const [bus, elsewhere] = [await openBus(t, address), await openBus(t, address)];
  const owner = new SaidLately({ bus, network: 'one', alone: () => false });
  t.teardown(() => owner.stop());
  let known = 0;
  owner.begin((count) => {
    known += count;
  });
  owner.add('a');
  await bus.ping();
  t.is(owner.untold, null, 'nobody is there that would say it again');
  const next = new SaidLately({ bus: elsewhere, network: 'one', alone: () => false });
  t.teardown(() => next.stop());
  await until('the other to hear of it', () => next.has('a'));
  await until('its answer', () => owner.untold === 0);
  t.is(known, 1);
  await next.stop();
  owner.add('b');
  t.is(owner.untold, 1);
});

test('said lately - a gateway that hears and does not answer is not waited for', async (t) => {
  const { address } = await startNats(t);
  const [bus, elsewhere] = [await openBus(t, address), await openBus(t, address)];
  const heard: unknown[] = [];
  elsewhere.hear(['network', 'one', 'said'], (body) => {
    if (Array.isArray(body)) heard.push(...body.filter((id) => typeof id === 'string'));
  });
  await elsewhere.ping();
  const owner = new SaidLately({ bus, network: 'one', alone: () => false });
  t.teardown(() => owner.stop());
  owner.begin(() => {});
  owner.add('a');
  await until('it to hear', () => heard.includes('a'));
  await bus.ping();
  t.is(owner.untold, null);
});

test('said lately - who comes later, or back, learns what was said meanwhile from any that heard it', async (t) => {
  const { address, port } = await startNats(t);
  const wire = await startTcpProxy(t, port);
  const [bus, other] = [await openBus(t, address), await openBus(t, address)];
  const back = await openBus(t, { ...address, servers: [`nats://127.0.0.1:${wire.port}`] });
  const open = (on: typeof bus) => new SaidLately({ bus: on, network: 'one', alone: () => false });
  const [owner, witness, returning] = [open(bus), open(other), open(back)];
  t.teardown(() => Promise.all([owner, witness, returning].map((said) => said.stop())));
  await Promise.all([other.ping(), back.ping()]);
  wire.stall();
  wire.cut();
  await until('it to notice', () => back.state !== 'connected');
  owner.add('a');
  await until('the witness to hear of it', () => witness.has('a'));
  await owner.stop();
  await bus.close(0);

  wire.resume();
  await until('the one that is back to learn it', () => returning.has('a'));
  const late = open(await openBus(t, address));
  t.teardown(() => late.stop());
  await until('the one that comes later to learn it', () => late.has('a'));
  t.false(late.has('b'));
});
