import test from 'ava';
import type { Delivery } from '../../src/bus/index.js';
import { temporaryDirectory } from '../peers/index.js';
import { startNats } from '../peers/nats.js';
import { makeEvent, openBus, until } from './fixtures.js';

test('said before - the next owner learns from the log what was said while only the spool had it', async (t) => {
  const nats = await startNats(t);
  const path = await temporaryDirectory(t, 'spool');
  const spooling = await openBus(t, nats.address, { spool: { path, maxBytes: 1_000_000, sync: false } });
  const next = await openBus(t, nats.address);
  const heard: Delivery[] = [];
  await next.deliveries('one', (delivery) => heard.push(delivery));
  await nats.kill();
  const [said, unsaid] = [makeEvent('lobby', 'said'), makeEvent('lobby', 'unsaid')];
  const stored = await Promise.all([spooling.store(said), spooling.store(unsaid)]);
  t.true(stored.every(({ spooled }) => spooled === true));
  spooling.noteSaid('one', said.id);
  await nats.start();
  await until('both to come from the log', () => heard.length === 2);
  t.deepEqual(
    heard.map((delivery) => delivery.wasSaidOn('one')),
    [true, false],
  );
  t.deepEqual(
    heard.map((delivery) => delivery.wasSaidOn('two')),
    [false, false],
  );
  // The same process may lose the network and own it again.
  t.true(spooling.saidBefore('one').has(said.id));
});
