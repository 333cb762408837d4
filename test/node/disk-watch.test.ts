import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '../../src/log.js';
import { DiskWatch, startNode } from '../../src/node/index.js';
import { makeEvent, numbered, openBus, until } from '../bus/fixtures.js';
import { temporaryDirectory } from '../peers/index.js';
import { type RecordedLine, recordingLog } from '../peers/recording-log.js';

test('disk watch - the server is stopped before the disk is full, and nothing is lost', async (t) => {
  const store = join(await temporaryDirectory(t, 'disk'), 'data');
  const config = { name: 'alpha', listen: { host: '127.0.0.1', port: null }, store };
  const node = await startNode(config, silentLogger);
  t.teardown(() => node.stop());
  let freeBytes = 1000;
  let looks = 0;
  const lines: RecordedLine[] = [];
  const watch = new DiskWatch({
    node,
    directory: store,
    log: recordingLog(lines),
    look: async () => {
      looks += 1;
      return { freeBytes, leastBytes: 100 };
    },
    everyMs: 10,
  });
  t.teardown(() => watch.stop());
  const bus = await openBus(t, node.address);
  await bus.store(makeEvent('lobby', '0'));

  freeBytes = 99;
  await until('the server is stopped', () => bus.state === 'reconnecting');
  t.true(lines.some(({ level, message }) => level === 'error' && /nearly full/.test(message)));
  const later = numbered(5, 1).map((text) => bus.store(makeEvent('lobby', text)));
  freeBytes = 199;
  // Room for what made it stop is not enough: it would stop again at once.
  const before = looks;
  await until('it has looked a few times more', () => looks > before + 3);
  t.is(bus.state, 'reconnecting');

  freeBytes = 200;
  await Promise.all(later);
  const texts = (await bus.read('lobby', { limit: 10 })).map(({ event }) => event.data.text);
  t.deepEqual(texts, numbered(6));
});

test('disk watch - a stop while there is no room leaves nothing behind', async (t) => {
  const store = join(await temporaryDirectory(t, 'disk'), 'data');
  const config = { name: 'alpha', listen: { host: '127.0.0.1', port: null }, store };
  const node = await startNode(config, silentLogger);
  const { pid } = node;
  const look = async () => ({ freeBytes: 1, leastBytes: 100 });
  const watch = new DiskWatch({ node, directory: store, log: silentLogger, look, everyMs: 10 });
  await until('the server is stopped', () => node.state.kind === 'down');
  await watch.stop();
  await node.stop();
  t.not(node.pid, pid);
  await t.notThrowsAsync(rm(store, { recursive: true }));
});
