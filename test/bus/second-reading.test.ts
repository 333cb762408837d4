import test from 'ava';
import type { Delivery } from '../../src/bus/index.js';
import { startNats } from '../peers/nats.js';
import { makeEvent, numbered, openBus, textOf, until } from './fixtures.js';

/** Takes all, and acknowledges it or not. */
function taker(acknowledges: boolean) {
  const took: Delivery[] = [];
  const take = (delivery: Delivery): void => {
    took.push(delivery);
    if (acknowledges) delivery.ack();
  };
  const texts = (again: boolean) => took.filter((delivery) => delivery.again === again).map(textOf);
  return { take, texts };
}

test('second reading - a stretch is given to the owner a second time, up to where it was, once', async (t) => {
  const nats = await startNats(t);
  const bus = await openBus(t, nats.address);
  const { take, texts } = taker(true);
  await bus.deliveries('one', take);
  for (const text of numbered(5)) await bus.store(makeEvent('lobby', text));
  await until('all was given', () => texts(false).length === 5);
  await bus.readAgain(
    new Map([
      ['one', 3],
      ['nobody', 1],
    ]),
  );
  await until('the stretch was given again', () => texts(true).length === 3);
  t.deepEqual(texts(true), ['2', '3', '4']);
  t.deepEqual(texts(false), numbered(5));

  // It is over: another one is another one.
  const again = async (): Promise<boolean> => {
    await bus.readAgain(new Map([['one', 5]]));
    return texts(true).length > 3;
  };
  await until('it can be read again', again);
  t.deepEqual(texts(true), ['2', '3', '4', '4']);
});

test('second reading - a stretch waits for the next owner when nobody owns the network', async (t) => {
  const nats = await startNats(t);
  const [bus, next] = [await openBus(t, nats.address), await openBus(t, nats.address)];
  const first = taker(true);
  const deliveries = await bus.deliveries('one', first.take);
  for (const text of numbered(3)) await bus.store(makeEvent('lobby', text));
  await until('all was given', () => first.texts(false).length === 3);
  await deliveries.stop();
  // Nobody owns it when the odd copy is found.
  await bus.readAgain(new Map([['one', 2]]));
  const second = taker(true);
  await next.deliveries('one', second.take);
  await until('the stretch was given again', () => second.texts(true).length === 2);
  t.deepEqual(second.texts(true), ['1', '2']);
});
