import test, { type ExecutionContext } from 'ava';
import { connect, ErrorCode, type JetStreamManager, NatsError, StorageType } from 'nats';
import { connectBus } from '../../src/bus/index.js';
import { reportStream } from '../../src/bus/streams.js';
import { ParleyError } from '../../src/errors.js';
import { silentLogger } from '../../src/log.js';
import { type NatsPeer, startNats } from '../peers/nats.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';
import { busOptions, makeEvent, openBus } from './fixtures.js';

async function managerOf(t: ExecutionContext, server: NatsPeer): Promise<JetStreamManager> {
  const nats = await connect({ servers: [...server.address.servers] });
  t.teardown(() => nats.close());
  return nats.jetstreamManager();
}

test('streams - a server that does not answer is no lost log, one that cannot make it is', (t) => {
  const lines: RecordedLine[] = [];
  const log = recordingLog(lines);
  reportStream(log, new NatsError('TIMEOUT', ErrorCode.Timeout));
  reportStream(log, new ParleyError('BACKBONE_UNAVAILABLE', 'stream ROOMS: insufficient storage'));
  t.deepEqual(
    lines.map(({ level }) => level),
    ['debug', 'error'],
  );
});

test('streams - are created with the limits of the config', async (t) => {
  const server = await startNats(t);
  await openBus(t, server.address, { history: { maxAgeMs: 60_000, maxBytes: 1_000_000, replicas: 1 } });
  const { config } = await (await managerOf(t, server)).streams.info('ROOMS');
  t.is(config.max_age, 60_000 * 1e6);
  t.is(config.max_bytes, 1_000_000);
  t.is(config.duplicate_window, 60_000 * 1e6, 'never longer than the age');
  t.is(config.storage, StorageType.File);
});

test('streams - changed limits are applied and nothing else is touched', async (t) => {
  const server = await startNats(t);
  const bus = await openBus(t, server.address);
  await bus.store(makeEvent('lobby', 'x'));
  const manager = await managerOf(t, server);
  const before = await manager.streams.info('ROOMS');
  await manager.streams.update('ROOMS', { ...before.config, description: 'of our clan' });
  await openBus(t, server.address, { history: { maxAgeMs: 7_200_000, maxBytes: 5_000_000, replicas: 1 } });
  const after = await manager.streams.info('ROOMS');
  t.is(after.config.max_age, 7_200_000 * 1e6);
  t.is(after.config.description, 'of our clan');
  t.is(after.state.messages, 1);
});

test('streams - one of the same name that is not ours is reported and left alone', async (t) => {
  const server = await startNats(t);
  const manager = await managerOf(t, server);
  await manager.streams.add({ name: 'ROOMS', subjects: ['hotel.rooms.*'], storage: StorageType.Memory });
  const error = await t.throwsAsync(connectBus(busOptions(server.address), silentLogger), {
    instanceOf: ParleyError,
  });
  t.is(error.code, 'BACKBONE_CONFLICT');
  t.regex(error.message, /subjects: expected \["parley.room.\*"\], got \["hotel.rooms.\*"\]/);
  t.regex(error.message, /storage: expected "file", got "memory"/);
  t.regex(error.fix ?? '', /"prefix"/);
  t.deepEqual((await manager.streams.info('ROOMS')).config.subjects, ['hotel.rooms.*']);
});

test('streams - gateways with different prefixes share a server and hear nothing of each other', async (t) => {
  const server = await startNats(t);
  const one = await openBus(t, server.address);
  const other = await openBus(t, server.address, { prefix: 'clan' });
  await one.store(makeEvent('lobby', 'of one'));
  await other.store(makeEvent('lobby', 'of the other'));
  t.deepEqual(
    (await other.read('lobby', { limit: 10 })).map(({ event }) => event.data.text),
    ['of the other'],
  );
  await (await one.bucket('TOKENS')).put('a', 1);
  t.is(await (await other.bucket('TOKENS')).get('a'), null);
});
