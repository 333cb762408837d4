import test from 'ava';
import { SaidLately } from '../../src/network/said-lately.js';
import { openBus, until } from '../bus/fixtures.js';
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

test('said lately - the oldest is forgotten, not the latest', (t) => {
  const bus = {
    tell: () => t.fail(),
    hear: () => ({ stop: async () => {}, closed: new Promise<void>(() => {}) }),
  };
  const said = new SaidLately({ bus, network: 'one', alone: () => true });
  for (let i = 0; i < 20_000; i++) said.add(String(i));
  t.false(said.has('0'));
  t.true(said.has('11808'));
  t.true(said.has('19999'));
});
