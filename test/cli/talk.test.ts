import { once } from 'node:events';
import test from 'ava';
import { connect } from 'nats';
import { until } from '../peers/index.js';
import { spoken, startBackbone } from './backbone.js';
import { collect, parley, startParley } from './run-parley.js';

/** Of a program, while other tests share the processor. */
const START_MS = 20_000;

test('say - the message is in the log when it ends', async (t) => {
  const { bus, run } = await startBackbone(t);
  const { code, stdout } = await run('say', 'lobby', 'hello', 'there', '--as', 'deploy', '--json');
  t.is(code, 0);
  const { sequence, event } = JSON.parse(stdout);
  const [logged] = await bus.read('lobby', { limit: 10 });
  t.is(logged?.sequence, sequence);
  t.deepEqual(logged?.event, event);
  t.like(event, { type: 'chat.message', subject: 'lobby', data: { text: 'hello there', hops: [] } });
  t.like(event.data.author, { name: 'deploy', verified: false });
});

test('say - a log that does not answer for a while is asked again, and has the message once', async (t) => {
  const { nats, bus, cwd } = await startBackbone(t);
  await nats.freeze();
  const saying = startParley(['say', 'lobby', 'patience'], { cwd });
  const output = collect(saying);
  const ended = once(saying, 'close');
  await until(() => output.stderr.includes('trying again'), { what: 'a second try', deadlineMs: START_MS });
  nats.thaw();
  t.is((await ended)[0], 0, output.stderr);
  const events = await bus.read('lobby', { limit: 10 });
  t.deepEqual(
    events.map(({ event }) => event.data.text),
    ['patience'],
  );
});

test('say - a stream that confirms nothing is told, and not waited for without end', async (t) => {
  const { nats, cwd } = await startBackbone(t);
  const admin = await connect({ servers: [...nats.address.servers] });
  t.teardown(() => admin.close());
  const { streams } = await admin.jetstreamManager();
  const { config } = await streams.info('ROOMS');
  await streams.update('ROOMS', { ...config, no_ack: true });
  const saying = startParley(['say', 'lobby', 'patience'], { cwd });
  const output = collect(saying);
  t.is((await once(saying, 'close'))[0], 6);
  t.regex(
    output.stderr,
    /trying again\.\nparley: .* did not take the message within 15 s\nfix: `parley status`/,
  );
});

test('say - reads the text from stdin', async (t) => {
  const { bus, cwd } = await startBackbone(t);
  const { code } = await parley(['say', 'lobby', '-'], { cwd, stdin: 'two\nlines — ünïcode\n' });
  t.is(code, 0);
  const [logged] = await bus.read('lobby', { limit: 1 });
  t.is(logged?.event.data.text, 'two\nlines — ünïcode');
});

test('say - an empty or too long text is wrong usage', async (t) => {
  const { cwd, run } = await startBackbone(t);
  t.is((await run('say', 'lobby', '   ')).code, 2);
  const long = await parley(['say', 'lobby', '-'], { cwd, stdin: 'x'.repeat(40_000) });
  t.is(long.code, 2);
  t.true(long.stderr.includes('The text has 40000 bytes.\nfix: '));
});

test('say - an empty name is wrong usage', async (t) => {
  const { run } = await startBackbone(t);
  const { code, stderr } = await run('say', 'lobby', '--as', ' ', 'hello');
  t.is(code, 2);
  t.regex(stderr, /name to speak under.*\n.*--as/);
});

test('say - an unknown room is told with those that exist', async (t) => {
  const { run } = await startBackbone(t);
  const { code, stderr } = await run('say', 'loby', 'x');
  t.is(code, 4);
  t.is(stderr, 'parley: There is no room "loby".\nfix: Take one of lobby.\n');
});

test('tail - shows the newest lines, oldest first', async (t) => {
  const { bus, run } = await startBackbone(t);
  for (let i = 0; i < 20; i += 1) await bus.store(spoken(`line ${i}`));
  const { code, stdout } = await run('tail', 'lobby', '-n', '3', '--no-follow');
  t.is(code, 0);
  const rows = stdout.trimEnd().split('\n');
  t.deepEqual(
    rows.map((row) => row.split('\t').slice(1)),
    ['line 17', 'line 18', 'line 19'].map((text) => ['net', 'chat.message', 'alice', text]),
  );
});

test('tail - more lines than one page hold are complete and in order', async (t) => {
  const { bus, run } = await startBackbone(t);
  await Promise.all(Array.from({ length: 1200 }, (_, i) => bus.store(spoken(`${i}`))));
  const { stdout } = await run('tail', 'lobby', '-n', '1100', '--no-follow', '--json');
  const texts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event.data.text);
  t.is(texts.length, 1100);
  t.true(texts.every((text, i) => text === `${i + 100}`));
});

test('tail - follows, each line once, and ends clean at Ctrl-C', async (t) => {
  const { bus, cwd } = await startBackbone(t);
  await bus.store(spoken('before'));
  const child = startParley(['tail', 'lobby', '--json'], { cwd });
  t.teardown(() => void child.kill('SIGKILL'));
  const output = collect(child);
  await until(() => output.stdout.includes('"before"'), { what: 'the history', deadlineMs: START_MS });
  for (let i = 0; i < 50; i += 1) await bus.store(spoken(`live ${i}`));
  await until(() => output.stdout.includes('"live 49"'), { what: 'the last line', deadlineMs: START_MS });
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.is(code, 0, output.stderr);
  const texts = output.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event.data.text);
  t.deepEqual(texts, ['before', ...Array.from({ length: 50 }, (_, i) => `live ${i}`)]);
});

test('tail - what a user typed does not steer the terminal', async (t) => {
  const { bus, run } = await startBackbone(t);
  await bus.store(spoken('a\u001b[2Jb\tc\nd'));
  const { stdout } = await run('tail', 'lobby', '--no-follow');
  t.true(stdout.endsWith('\ta[2Jb c ⏎ d\n'));
});

test('tail - a reader that has seen enough ends it', async (t) => {
  const { bus, cwd } = await startBackbone(t);
  const child = startParley(['tail', 'lobby'], { cwd });
  t.teardown(() => void child.kill('SIGKILL'));
  const output = collect(child);
  await bus.store(spoken('first'));
  await until(() => output.stdout.includes('first'), { what: 'the first line', deadlineMs: START_MS });
  child.stdout?.destroy();
  const closed = once(child, 'exit');
  await bus.store(spoken('second'));
  const [code] = await closed;
  t.is(code, 0, output.stderr);
});

test('tail - a wrong number of lines is wrong usage', async (t) => {
  const { run } = await startBackbone(t);
  const { code, stderr } = await run('tail', 'lobby', '-n', 'many');
  t.is(code, 2);
  t.true(stderr.includes('--lines: expected a whole number from 0 to 10000, got "many".'));
});
