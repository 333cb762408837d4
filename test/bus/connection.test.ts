import test from 'ava';
import { connect } from 'nats';
import { type BusState, connectBus } from '../../src/bus/index.js';
import { ParleyError } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import { startNats } from '../peers/nats.js';
import { freePorts } from '../peers/ports.js';
import { busOptions, openBus, until } from './fixtures.js';

test('connection - an unreachable server is named, with what to do', async (t) => {
  const server = await startNats(t);
  await server.stop();
  const error = await t.throwsAsync(connectBus(busOptions(server.address), silentLogger), {
    instanceOf: ParleyError,
  });
  t.is(error.code, 'BACKBONE_UNAVAILABLE');
  t.true(error.message.includes(String(server.port)));
  t.truthy(error.fix);
});

test('connection - a wrong password is denied and not shown', async (t) => {
  const server = await startNats(t, {
    config: 'authorization { user: gateway, password: right }',
    user: 'gateway',
    password: 'wrong-one',
  });
  const error = await t.throwsAsync(connectBus(busOptions(server.address), silentLogger), {
    instanceOf: ParleyError,
  });
  t.is(error.code, 'BACKBONE_DENIED');
  t.false(error.message.includes('wrong-one'));
});

test('connection - servers that name each other refuse a wrong password too', async (t) => {
  const [one = 0, two = 0] = await freePorts(2);
  const start = (name: string, port: number, other: number) =>
    startNats(t, {
      jetstream: false,
      config: `server_name: ${name}
        authorization { user: gateway, password: right }
        cluster { name: test, host: "127.0.0.1", port: ${port}, routes: ["nats://127.0.0.1:${other}"] }`,
    });
  const [server] = await Promise.all([start('one', one, two), start('two', two, one)]);
  const client = await connect({ servers: [...server.address.servers], user: 'gateway', pass: 'right' });
  await until('they know each other', () => (client.info?.connect_urls?.length ?? 0) > 1);
  await client.close();
  const address = { ...server.address, user: 'gateway', password: 'wrong-one' };
  await t.throwsAsync(connectBus(busOptions(address), silentLogger), { code: 'BACKBONE_DENIED' });
});

test('connection - a server without JetStream is said to be one', async (t) => {
  const server = await startNats(t, { jetstream: false });
  const error = await t.throwsAsync(connectBus(busOptions(server.address), silentLogger), {
    instanceOf: ParleyError,
  });
  t.is(error.code, 'BACKBONE_UNFIT');
  t.regex(error.fix ?? '', /JetStream/);
});

test('connection - tells of each change of state', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  const states: BusState[] = [];
  bus.onState((state) => states.push(state));
  await server.restart();
  await until('connected again', () => states.length >= 2);
  await bus.close(0);
  await until('closed', () => states.length >= 3);
  t.deepEqual(states, ['reconnecting', 'connected', 'closed']);
  t.is(bus.state, 'closed');
});

test('connection - ping and usage answer', async (t) => {
  const bus = await openBus(t, (await startNats(t)).address);
  t.true((await bus.ping()) < 5000);
  t.deepEqual(await bus.usage(), { messages: 0, bytes: 0, lastSequence: 0 });
});
