import { join } from 'node:path';
import test from 'ava';
import { faultLines, files, load } from './loading.js';

async function spoolOf(t: Parameters<typeof files>[0], text: string) {
  const { directory, write } = await files(t);
  await write('parley.yaml', text);
  const { config } = await load('parley.yaml', directory);
  return { directory, spool: config.spool };
}

test('spool config - by default it is beside the streams of the own node', async (t) => {
  const { directory, spool } = await spoolOf(t, 'node: { store: ./here }\n');
  t.deepEqual(spool, { path: join(directory, 'here/spool'), maxBytes: 256e6, sync: true });
});

test('spool config - with the servers of others it is in ./data', async (t) => {
  const { directory, spool } = await spoolOf(t, 'backbone: { servers: ["nats://127.0.0.1"] }\n');
  t.is(spool?.path, join(directory, 'data/spool'));
});

test('spool config - has its own path and limits, or is off', async (t) => {
  const { spool } = await spoolOf(t, 'spool: { path: /var/spool/parley, maxBytes: 1GiB, sync: false }\n');
  t.deepEqual(spool, { path: '/var/spool/parley', maxBytes: 1024 ** 3, sync: false });
  t.is((await spoolOf(t, 'spool: off\n')).spool, null);
});

test('spool config - a size that is none is a fault', async (t) => {
  const [fault = ''] = await faultLines(t, 'spool: { maxBytes: much }\n');
  t.regex(fault, /spool\.maxBytes: expected a size/);
});
