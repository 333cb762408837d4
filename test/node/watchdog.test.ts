import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '../../src/log.js';
import { startNode } from '../../src/node/index.js';
import { makeEvent, numbered, openBus, until } from '../bus/fixtures.js';
import { makeDisk } from '../faults/disk.js';
import { freeze } from '../peers/freeze.js';
import { temporaryDirectory } from '../peers/index.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';

const LONG_MS = 60_000;
const DISK_MB = 24;

function configOf(store: string) {
  return { name: 'alpha', listen: { host: '127.0.0.1', port: null }, store };
}

test('watchdog - a server that a full disk has locked up is started again, and takes what waited', async (t) => {
  const disk = await makeDisk(t, 'full', DISK_MB);
  if (!disk.canFill) {
    t.log('not tried: only root may make a small disk');
    return t.pass();
  }
  const lines: RecordedLine[] = [];
  const store = join(disk.directory, 'data');
  const node = await startNode(configOf(store), recordingLog(lines), 'parley', async () => {}, {
    deafMs: 3000,
  });
  t.teardown(() => node.stop());
  const bus = await openBus(t, node.address, {
    history: { maxAgeMs: 3_600_000, maxBytes: 8 * 1024 * 1024, replicas: 1 },
  });
  await bus.store(makeEvent('lobby', 'before'));
  await disk.fill();
  const texts = numbered(400);
  const storing = Promise.all(texts.map((text) => bus.store(makeEvent('lobby', text.padEnd(2000)))));
  const killed = () => lines.some(({ message }) => message.startsWith('nats-server lives and does not'));
  await until('it was killed', killed, LONG_MS);
  await disk.free();
  await until('it runs again', () => node.restarts > 0, LONG_MS);
  await storing;
  const events = await bus.read('lobby', { limit: 1000 });
  t.deepEqual(
    events.map(({ event }) => event.data.text.trim()),
    ['before', ...texts],
  );
});

test('watchdog - a server that hangs as a whole is let be', async (t) => {
  const store = join(await temporaryDirectory(t, 'frozen'), 'data');
  const node = await startNode(configOf(store), silentLogger, 'parley', async () => {}, { deafMs: 500 });
  t.teardown(() => node.stop());
  const bus = await openBus(t, node.address);
  const { pid } = node;
  t.teardown(() => process.kill(pid, 'SIGCONT'));
  await freeze(pid);
  await until('it was noticed', () => bus.state === 'reconnecting', LONG_MS);
  process.kill(pid, 'SIGCONT');
  await bus.store(makeEvent('lobby', 'after'));
  t.is(node.pid, pid);
  t.is(node.restarts, 0);
});
