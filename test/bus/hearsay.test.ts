import test from 'ava';
import { startNats } from '../peers/nats.js';
import { openBus, until } from './fixtures.js';

test('hearsay - every listener hears what is told, the teller too, and nobody else', async (t) => {
  const { address } = await startNats(t);
  const [one, two] = [await openBus(t, address), await openBus(t, address)];
  const heard: string[] = [];
  one.hear(['owners', 'beat'], (body) => heard.push(`one ${JSON.stringify(body)}`));
  two.hear(['owners', 'beat'], (body) => heard.push(`two ${JSON.stringify(body)}`));
  await Promise.all([one.ping(), two.ping()]);
  two.tell(['owners', 'be.at'], 'another');
  two.tell(['owners', 'beat'], { round: 1 });
  await until('both to hear', () => heard.length === 2);
  t.deepEqual(heard.sort(), ['one {"round":1}', 'two {"round":1}']);
});

test('hearsay - a listener that fails hears the next', async (t) => {
  const { address } = await startNats(t);
  const bus = await openBus(t, address);
  const heard: unknown[] = [];
  bus.hear(['owners', 'beat'], (body) => {
    heard.push(body);
    throw new Error('not understood');
  });
  bus.tell(['owners', 'beat'], 1);
  bus.tell(['owners', 'beat'], 2);
  await until('both to be heard', () => heard.length === 2);
  t.deepEqual(heard, [1, 2]);
});

test('hearsay - what is told while the backbone is away is not said later', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const heard: unknown[] = [];
  bus.hear(['owners', 'beat'], (body) => heard.push(body));
  await nats.kill();
  await until('the loss to be noticed', () => bus.state === 'reconnecting');
  bus.tell(['owners', 'beat'], 'old');
  await nats.start();
  await until('the backbone to be back', () => bus.state === 'connected');
  bus.tell(['owners', 'beat'], 'new');
  await until('something to be heard', () => heard.length > 0);
  t.deepEqual(heard, ['new']);
});
