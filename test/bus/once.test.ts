import test, { type ExecutionContext } from 'ava';
import { type Bus, openBus as openBusAnyway } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { startNatsCluster } from '../peers/index.js';
import { startNats } from '../peers/nats.js';
import { busOptions, openBus, until } from './fixtures.js';

/** How many of these gateways were told that they are the first, for each of so many names. */
async function race(buses: readonly Bus[], rounds: number): Promise<readonly number[]> {
  const winners: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const won = await Promise.all(buses.map((bus) => bus.once(`round ${round}`)));
    winners.push(won.filter((first) => first).length);
  }
  return winners;
}

function oneEach(t: ExecutionContext, winners: readonly number[]): void {
  t.deepEqual(
    winners,
    winners.map(() => 1),
  );
}

/** A gateway's bus with three copies of all; a cluster that has only just begun may take a while to answer. */
async function arrived(t: ExecutionContext, port: number): Promise<Bus> {
  const address = { servers: [`nats://127.0.0.1:${port}`] };
  const { history } = busOptions(address);
  const options = busOptions(address, { history: { ...history, replicas: 3 } });
  const bus = await openBusAnyway(options, silentLogger);
  t.teardown(() => bus.close(0));
  await until('the backbone is there', () => bus.state === 'connected', 90_000);
  return bus;
}

test('once - of two gateways that race, exactly one is first', async (t) => {
  const { address } = await startNats(t);
  oneEach(t, await race([await openBus(t, address), await openBus(t, address)], 50));
});

test('once - of three gateways at three servers that race, exactly one is first', async (t) => {
  const nodes = await startNatsCluster(t);
  const buses = await Promise.all(nodes.map(({ port }) => arrived(t, port)));
  oneEach(t, await race(buses, 50));
});

test('once - one gateway is first once, and the name outlives a restart of the server', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  t.true(await bus.once('a code/with: any * text'));
  t.false(await bus.once('a code/with: any * text'));
  await server.restart();
  await until('connected again', () => bus.state === 'connected');
  t.false(await bus.once('a code/with: any * text'));
  t.true(await bus.once('another'));
});

test('once - without the backbone nobody is first', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  await server.stop();
  await until('the loss is noticed', () => bus.state !== 'connected');
  await t.throwsAsync(bus.once('x'), { message: /once x/ });
});
