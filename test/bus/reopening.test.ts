import test from 'ava';
import { Connection, openConnection } from '../../src/bus/connection.js';
import { NetworkConsumer, type Start } from '../../src/bus/consumer.js';
import { NetworkDeliveries } from '../../src/bus/deliveries.js';
import type { BusState, Delivery } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { startNats } from '../peers/nats.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';
import { busOptions, makeEvent, openBus, textOf, until } from './fixtures.js';

/** Counts how many look for the consumer at the same moment; fails while `away`. */
class CountedConsumer extends NetworkConsumer {
  away = false;
  running = 0;
  most = 0;
  times = 0;

  override async ensure(start: Start) {
    this.running += 1;
    this.times += 1;
    this.most = Math.max(this.most, this.running);
    try {
      if (this.away) throw new Error('no answer');
      return await super.ensure(start);
    } finally {
      this.running -= 1;
    }
  }
}

/** A connection whose return can be told at will. */
class TellingConnection extends Connection {
  readonly #listeners = new Set<(state: BusState) => void>();

  override onState(listener: (state: BusState) => void): () => void {
    this.#listeners.add(listener);
    const forget = super.onState(listener);
    return () => {
      this.#listeners.delete(listener);
      forget();
    };
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener('connected');
  }
}

test('deliveries - however often the connection comes back, one opening at a time is made', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const { nats } = await openConnection(busOptions(server.address), silentLogger);
  t.teardown(() => nats.close());
  const lines: RecordedLine[] = [];
  const connection = new TellingConnection(nats, silentLogger);
  const manager = await nats.jetstreamManager({ checkAPI: false });
  const consumer = new CountedConsumer(manager, 'ROOMS', 'libera', 'parley.room.*');
  const heard: string[] = [];
  const take = (delivery: Delivery): void => {
    heard.push(textOf(delivery));
    delivery.ack();
  };
  const deliveries = new NetworkDeliveries(
    {
      connection,
      consumer,
      stream: async () => 'always the same',
      ask: (_what, exchange) => exchange(),
      mayTake: () => true,
      log: recordingLog(lines),
    },
    take,
  );
  t.teardown(() => deliveries.stop());
  await deliveries.open();
  await bus.store(makeEvent('lobby', 'one'));
  await until('it is delivered', () => heard.includes('one'));

  consumer.away = true;
  const before = consumer.times;
  for (let times = 0; times < 20; times += 1) connection.tell();
  await until('it is tried again', () => consumer.times >= before + 3);
  const failures = () => lines.filter(({ message }) => message === 'cannot open deliveries').length;
  // Each failure is followed by one further attempt, not by one for each time that the connection came back.
  t.true(failures() <= consumer.times - before, `${failures()} failures`);
  t.true(consumer.times - before < 10, `${consumer.times - before} attempts`);
  for (let times = 0; times < 20; times += 1) connection.tell();
  consumer.away = false;
  await bus.store(makeEvent('lobby', 'two'));
  await until('it is delivered again', () => heard.includes('two'));
  t.is(consumer.most, 1);
  t.deepEqual(heard, ['one', 'two']);
});
