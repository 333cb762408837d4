import { readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Spool, type SpooledEvent } from '../../../src/bus/spool/spool.js';
import { ParleyError } from '../../../src/errors.js';
import { silentLogger } from '../../../src/log.js';
import { temporaryDirectory } from '../../peers/process.js';
import { until } from '../../peers/wait.js';
import { numbered } from '../fixtures.js';

const MEBIBYTE = 1024 * 1024;

async function place(t: ExecutionContext): Promise<string> {
  return join(await temporaryDirectory(t, 'spool'), 'spool');
}

async function openSpool(path: string, maxBytes = MEBIBYTE, log = silentLogger): Promise<Spool> {
  return await Spool.open({ path, maxBytes, sync: true }, log);
}

function item(id: string, body = id) {
  return { id, subject: 'parley.room.lobby', data: Buffer.from(body), time: Date.now(), maybeStored: false };
}

async function readAll(spool: Spool): Promise<readonly SpooledEvent[]> {
  return await spool.read(100_000, 100 * MEBIBYTE);
}

function idsOf(events: readonly SpooledEvent[]): string[] {
  return events.map(({ id }) => id);
}

async function segmentsIn(path: string): Promise<string[]> {
  return (await readdir(path)).filter((name) => name.endsWith('.events')).sort();
}

test('spool - gives what was appended in order, also to the next process', async (t) => {
  const path = await place(t);
  const first = await openSpool(path);
  await first.append(numbered(500).map((id) => item(id)));
  await first.append(numbered(500, 500).map((id) => item(id)));
  t.is(first.events, 1000);
  t.deepEqual(idsOf(await readAll(first)), numbered(1000));
  // Not closed: the process was killed.
  const second = await openSpool(path);
  t.is(second.events, 1000);
  const events = await readAll(second);
  t.deepEqual(idsOf(events), numbered(1000));
  t.deepEqual(
    events.map(({ data }) => Buffer.from(data).toString()),
    numbered(1000),
  );
  t.true((second.oldest ?? 0) > 0);
});

test('spool - what is confirmed does not come again, and its files go', async (t) => {
  const path = await place(t);
  const spool = await openSpool(path, 64 * 1024);
  for (const [index] of numbered(20).entries()) {
    await spool.append(numbered(50, index * 50).map((id) => item(id)));
  }
  const files = (await segmentsIn(path)).length;
  t.true(files > 1);
  const events = await readAll(spool);
  for (const event of events.slice(0, 900)) spool.confirm(event);
  t.is(spool.events, 100);
  await until(async () => (await segmentsIn(path)).length < files, {
    what: 'files to go',
    deadlineMs: 15_000,
  });
  await spool.close();
  const again = await openSpool(path, 64 * 1024);
  const left = await readAll(again);
  // The last few hundred confirmations may not be noted yet.
  t.deepEqual(idsOf(left), numbered(left.length, 1000 - left.length));
  t.true(left.length >= 100 && left.length < 500);
  for (const event of left) again.confirm(event);
  await again.close();
  t.deepEqual(await segmentsIn(path), []);
  t.is((await openSpool(path)).events, 0);
});

test('spool - what was read and not confirmed comes again, first and in order', async (t) => {
  const spool = await openSpool(await place(t));
  await spool.append(numbered(10).map((id) => item(id)));
  const [first, second, third] = await spool.read(6, MEBIBYTE);
  if (first === undefined || second === undefined || third === undefined) return t.fail();
  spool.confirm(first);
  spool.confirm(third);
  spool.rewind();
  t.deepEqual(idsOf(await readAll(spool)), ['1', '3', '4', '5', '6', '7', '8', '9']);
  t.true(spool.isRead);
});

test('spool - half a record at the end is cut off, once, and all before it is kept', async (t) => {
  const path = await place(t);
  const spool = await openSpool(path);
  await spool.append(numbered(10).map((id) => item(id)));
  const [name = ''] = await segmentsIn(path);
  const { size } = await stat(join(path, name));
  await truncate(join(path, name), size - 3);
  const repaired = await openSpool(path);
  t.is(repaired.damaged, 1);
  t.deepEqual(idsOf(await readAll(repaired)), numbered(9));
  t.is((await openSpool(path)).damaged, 0);
});

test('spool - a damaged record is reported with file and offset, and only it is lost', async (t) => {
  const path = await place(t);
  const spool = await openSpool(path);
  await spool.append(numbered(10).map((id) => item(id, `body of ${id}`)));
  const [name = ''] = await segmentsIn(path);
  const file = join(path, name);
  const bytes = await readFile(file);
  const at = bytes.indexOf('body of 4');
  bytes.write('BODY', at);
  await writeFile(file, bytes);
  const reports: unknown[] = [];
  const log = { ...silentLogger, error: (_: string, fields: unknown) => reports.push(fields) };
  const repaired = await openSpool(path, MEBIBYTE, log);
  t.deepEqual(
    idsOf(await readAll(repaired)),
    numbered(10).filter((id) => id !== '4'),
  );
  t.like(reports[0], { file });
  t.true(at - (reports[0] as { offset: number }).offset < 64);
});

test('spool - damage that comes after the start stops neither the reading nor the end', async (t) => {
  const path = await place(t);
  const spool = await openSpool(path);
  await spool.append(numbered(10).map((id) => item(id, `body of ${id}`)));
  const [name = ''] = await segmentsIn(path);
  const bytes = await readFile(join(path, name));
  bytes.write('BODY', bytes.indexOf('body of 9'));
  await writeFile(join(path, name), bytes);
  const events = await readAll(spool);
  t.deepEqual(idsOf(events), numbered(9));
  for (const event of events) spool.confirm(event);
  t.is(spool.events, 0);
  t.is(spool.damaged, 1);
});

test('spool - an append that fails leaves nothing behind, and the next one works', async (t) => {
  const path = await place(t);
  const spool = await openSpool(path);
  await rename(path, `${path}.away`);
  await writeFile(path, '');
  await t.throwsAsync(spool.append([item('lost')]));
  await rm(path);
  await rename(`${path}.away`, path);
  await spool.append([item('kept')]);
  t.deepEqual(idsOf(await readAll(await openSpool(path))), ['kept']);
});

test('spool - says how much still fits', async (t) => {
  const spool = await openSpool(await place(t), 1000);
  const items = numbered(100).map((id) => item(id));
  const count = spool.fitting(items);
  t.true(count > 5 && count < 25);
  await spool.append(items.slice(0, count));
  t.is(spool.fitting(items), 0);
  t.true(spool.bytes <= 1000);
});

test('spool - remembers over a kill what each network has said', async (t) => {
  const path = await place(t);
  const spool = await openSpool(path);
  await spool.append(numbered(3).map((id) => item(id)));
  spool.noteSaid('one', '0');
  spool.noteSaid('one', '1');
  spool.noteSaid('two', '0');
  await until(
    () =>
      spool.bytes > 0 &&
      readFile(join(path, 'journal')).then(
        ({ length }) => length > 90,
        () => false,
      ),
    {
      what: 'the journal to be written',
      deadlineMs: 15_000,
    },
  );
  const next = await openSpool(path);
  t.deepEqual([...next.saidBefore('one')], ['0', '1']);
  t.deepEqual([...next.saidBefore('two')], ['0']);
  t.deepEqual([...next.saidBefore('three')], []);
});

test('spool - a directory that cannot be made is a clear error', async (t) => {
  const path = await place(t);
  await writeFile(path, '');
  const error = await t.throwsAsync(openSpool(join(path, 'inner')), { instanceOf: ParleyError });
  t.is(error.code, 'STORE_UNWRITABLE');
  t.regex(error.fix ?? '', /spool\.path/);
});
