import { appendFile, chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { silentLogger } from '../../src/log.js';
import { Journal } from '../../src/trace/index.js';
import { decodeStep, encodeStep, STAGES } from '../../src/trace/step.js';
import { temporaryDirectory } from '../peers/index.js';

test('journal - the steps of an event are found in order, also by the next process', async (t) => {
  const directory = join(await temporaryDirectory(t, 'trace'), 'deeper');
  const first = new Journal({ directory, log: silentLogger });
  first.note('e1', 'heard', 'libera', '#a', 'lobby');
  first.note('e10', 'heard', 'libera', '#a', 'lobby');
  first.note('e1', 'stored', '', '', '7');
  t.deepEqual(
    (await first.find('e1')).map(({ stage, detail }) => [stage, detail]),
    [
      ['heard', 'lobby'],
      ['stored', '7'],
    ],
  );
  first.note('e1', 'dead', 'quakenet', '#b', 'line\nbreak "quoted"');
  await first.stop();
  const second = new Journal({ directory, log: silentLogger });
  second.note('e1', 'sent', 'undernet', '#c', '1/1 hi');
  const steps = await second.find('e1');
  t.deepEqual(
    steps.map(({ stage }) => stage),
    ['heard', 'stored', 'dead', 'sent'],
  );
  t.is(steps[2]?.detail, 'line\nbreak "quoted"');
  t.is((await stat(join(directory, 'trace.jsonl'))).mode & 0o077, 0);
});

test('journal - never more than its size on disk, the oldest go first', async (t) => {
  const directory = await temporaryDirectory(t, 'trace');
  const journal = new Journal({ directory, log: silentLogger, maxBytes: 20_000 });
  for (let i = 0; i < 50; i += 1) {
    for (let k = 0; k < 20; k += 1) journal.note(`e${i}`, 'sent', 'n', '#c', 'x'.repeat(40));
    await journal.stop();
  }
  const sizes = await Promise.all(
    (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
  );
  t.is(sizes.length, 2);
  t.true(sizes.reduce((sum, size) => sum + size, 0) <= 24_000);
  t.is((await journal.find('e49')).length, 20);
  t.is((await journal.find('e0')).length, 0);
});

test('journal - a line cut by a crash hides no other', async (t) => {
  const directory = await temporaryDirectory(t, 'trace');
  const first = new Journal({ directory, log: silentLogger });
  first.note('e1', 'heard', 'n', '#c', 'lobby');
  await first.stop();
  await appendFile(join(directory, 'trace.jsonl'), '[17,"e1","sta\n{}\nnull\n[1,"e1","nonsense","","",""]\n');
  const second = new Journal({ directory, log: silentLogger });
  second.note('e1', 'stored', '', '', '1');
  t.deepEqual(
    (await second.find('e1')).map(({ stage }) => stage),
    ['heard', 'stored'],
  );
});

test('journal - without a directory, or with one that cannot be written, memory answers', async (t) => {
  const none = new Journal({ directory: null, log: silentLogger });
  none.note('e1', 'heard', 'n', '#c', 'lobby');
  t.is((await none.find('e1')).length, 1);
  const place = await temporaryDirectory(t, 'trace');
  await mkdir(join(place, 'trace.jsonl'));
  await chmod(place, 0o700);
  const broken = new Journal({ directory: place, log: silentLogger });
  broken.note('e1', 'heard', 'n', '#c', 'lobby');
  t.is((await broken.find('e1')).length, 1);
});

test('journal - a burst of a hundred thousand steps is written whole', async (t) => {
  const directory = await temporaryDirectory(t, 'trace');
  const journal = new Journal({ directory, log: silentLogger });
  for (let i = 0; i < 100_000; i += 1) journal.note(`e${i}`, 'sent', 'n', '#c', '1/1 hello');
  for (const i of [0, 16_384, 99_999]) t.is((await journal.find(`e${i}`)).length, 1);
});

test('journal - whatever a step holds, it is one line and reads as it was', (t) => {
  const text = fc.string({ unit: 'grapheme' });
  const step = fc.record({
    at: fc.nat(),
    event: text,
    stage: fc.constantFrom(...STAGES),
    network: text,
    channel: text,
    detail: text,
  });
  fc.assert(
    fc.property(step, (one) => {
      const line = encodeStep(one);
      t.is(line.indexOf('\n'), line.length - 1);
      t.deepEqual(decodeStep(line), one);
    }),
  );
  fc.assert(fc.property(fc.string(), (line) => t.notThrows(() => decodeStep(line))));
});
