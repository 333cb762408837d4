/** A gateway's backup under load, and its way back onto an empty disk: the program as an operator runs it. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Answer, collect, parley, startParley } from '../cli/run-parley.js';
import { ParleyProcess } from '../gateway/parley-process.js';
import { said, visitor } from '../gateway/stage.js';
import { startNgircd, temporaryDirectory, until } from '../peers/index.js';

const LONG_MS = 60_000;

async function scene(t: ExecutionContext) {
  const [one, two] = await Promise.all([startNgircd(t), startNgircd(t)]);
  const gateway = await ParleyProcess.between(t, one, two);
  const bob = await visitor(t, two, 'bob', '#b');
  const run = (...args: readonly string[]) => parley(args, { cwd: gateway.directory });
  return { gateway, bob, run };
}

function ok(t: ExecutionContext, { code, stderr, stdout }: Answer): string {
  t.is(code, 0, stderr);
  return stdout;
}

interface Logged {
  readonly event: { readonly type: string; readonly data: { readonly text: string } };
}

/** What was said, as the room's log has it. */
async function logged(t: ExecutionContext, cwd: string): Promise<readonly string[]> {
  const args = ['tail', 'lobby', '--json', '--no-follow', '-n', '10000'];
  const lines = ok(t, await parley(args, { cwd }))
    .trim()
    .split('\n');
  return lines
    .map((line) => (JSON.parse(line) as Logged).event)
    .filter(({ type }) => type === 'chat.message')
    .map(({ data }) => data.text);
}

/** Starts the program and ends it with kill -9 as soon as the file is there. */
async function killedAt(args: readonly string[], cwd: string, file: string): Promise<void> {
  const child = startParley(args, { cwd });
  const output = collect(child);
  const closed = new Promise((resolve) => child.once('close', resolve));
  await until(() => existsSync(file) || child.exitCode !== null, {
    what: file,
    deadlineMs: LONG_MS,
    everyMs: 1,
  });
  child.kill('SIGKILL');
  await closed;
  if (child.exitCode !== null) throw new Error(`it was faster: ${output.stdout}${output.stderr}`);
}

test('backup - under load: all that was accepted before is there again on a new machine, and what was said is not said again', async (t) => {
  t.timeout(120_000);
  const { gateway, bob, run } = await scene(t);
  ok(t, await run('token', 'create', 'portal'));
  for (let i = 0; i < 30; i += 1) await gateway.say(`before ${i}`);
  await bob.waitFor(/before 29$/, LONG_MS);
  let [on, accepted] = [true, 0];
  const talking = (async () => {
    for (; on; accepted += 1) await gateway.say(`during ${accepted}`);
  })();
  await until(() => accepted > 20, { what: 'some load', deadlineMs: LONG_MS, everyMs: 5 });
  const known = accepted;
  const place = await temporaryDirectory(t, 'backups');
  const { file } = JSON.parse(ok(t, await run('backup', `${place}/`, '--json'))) as { file: string };
  on = false;
  await talking;
  await gateway.kill();
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.deepEqual(await readdir(place), [file.slice(place.length + 1)]);
  ok(t, await run('backup', '--verify', file));

  const next = await gateway.elsewhere();
  const { stderr, code } = await parley(['restore', file], { cwd: next.directory });
  t.is(code, 0, stderr);
  t.true(stderr.includes('parley.yaml'), stderr);
  await next.start();
  const texts = await logged(t, next.directory);
  for (let i = 0; i < 30; i += 1) t.true(texts.includes(`before ${i}`));
  for (let i = 0; i < known; i += 1) t.true(texts.includes(`during ${i}`), `during ${i}`);
  t.true(ok(t, await parley(['token', 'list'], { cwd: next.directory })).includes('portal'));
  await next.say('end');
  await bob.waitFor(/end$/, LONG_MS);
  const heard = bob.heard().map(said);
  const again = heard.filter((text, index) => heard.indexOf(text) < index);
  t.deepEqual(
    again.filter((text) => text.startsWith('before')),
    [],
  );
  t.log(`${texts.length} in the log, ${known} of ${accepted} accepted before, said again: ${again.length}`);
});

test('backup - killed in the middle it leaves no backup, and the next one is whole', async (t) => {
  t.timeout(120_000);
  const { gateway, run } = await scene(t);
  await gateway.say('hello');
  const place = await temporaryDirectory(t, 'backups');
  const file = join(place, 'one.tar');
  const streams = join(place, '.parley-backup.partial/streams');
  await killedAt(['backup', file], gateway.directory, streams);
  t.false(existsSync(file));
  ok(t, await run('backup', file));
  ok(t, await run('backup', '--verify', file));
  t.deepEqual(await readdir(place), ['one.tar']);
  const { code, stderr } = await run('backup', file);
  t.is(code, 2);
  t.true(stderr.includes('exists already'));
});

test('restore - what is damaged, a store that is not empty and one in use are refused, and nothing is touched', async (t) => {
  t.timeout(120_000);
  const { gateway, run } = await scene(t);
  await gateway.say('hello');
  const place = await temporaryDirectory(t, 'backups');
  const file = join(place, 'one.tar');
  ok(t, await run('backup', file));

  const used = await run('restore', file, '--replace');
  t.is(used.code, 5);
  t.regex(used.stderr, /is in use by the Parley with process id \d+/);
  await gateway.stop();
  const full = await run('restore', file);
  t.is(full.code, 5);
  t.regex(full.stderr, /is not empty.*\nfix: .*--replace/);

  const cut = join(place, 'cut.tar');
  await writeFile(cut, await readFile(file));
  await truncate(cut, (await stat(file)).size / 2);
  const empty = join(place, 'empty');
  const damaged = await run('restore', cut, '--into', empty);
  t.is(damaged.code, 1);
  t.regex(damaged.stderr, /fix: /);
  t.false(existsSync(empty));
  t.is((await run('backup', '--verify', cut)).code, 1);

  // The store is as it was, and what replaces it is the backup.
  await gateway.start();
  await gateway.say('after the backup');
  await gateway.stop();
  const replaced = await run('restore', file, '--replace', '--json');
  const { aside } = JSON.parse(ok(t, replaced)) as { aside: string };
  t.true(existsSync(join(aside, 'jetstream')));
  await gateway.start();
  t.deepEqual(await logged(t, gateway.directory), ['hello']);
});

test('restore - killed in the middle nothing starts on the store; run again it is whole', async (t) => {
  t.timeout(120_000);
  const { gateway, run } = await scene(t);
  for (let i = 0; i < 20; i += 1) await gateway.say(`line ${i}`);
  const file = join(await temporaryDirectory(t, 'backups'), 'one.tar');
  ok(t, await run('backup', file));
  await gateway.kill();
  const next = await gateway.elsewhere();
  const config = join(next.directory, 'parley.yaml');
  await writeFile(config, await readFile(join(gateway.directory, 'parley.yaml')));
  const again = (...args: readonly string[]) => parley(args, { cwd: next.directory });
  const store = join(next.directory, 'data');
  const restoring = join(store, 'restoring');
  await killedAt(['restore', file], next.directory, join(restoring, 'store/jetstream'));
  const start = await again('start');
  t.is(start.code, 5);
  t.regex(start.stderr, /was cut off\nfix: Run `parley restore`/);
  ok(t, await again('restore', file));

  // As it would be after a kill while the last files are moved to their place.
  const { time } = JSON.parse(ok(t, await again('backup', '--verify', file, '--json'))) as { time: string };
  await mkdir(join(restoring, 'store'), { recursive: true });
  await rename(join(store, 'jetstream'), join(restoring, 'store/jetstream'));
  await writeFile(join(restoring, 'whole'), `${time}\n`);
  await writeFile(join(restoring, 'whole.aside'), '');
  ok(t, await again('restore', file));
  t.false(existsSync(restoring));
  await next.start();
  t.is((await logged(t, next.directory)).length, 20);
});
