import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { runCli } from '../../src/cli/index.js';
import { temporaryDirectory } from '../peers/index.js';
import { fakeContext } from './fake-context.js';
import { parley } from './run-parley.js';

const TWO = [
  '--network',
  'quakenet=ircs://irc.quakenet.org/#qw',
  '--network',
  'local=irc://127.0.0.1:6668/ops',
];

async function initIn(t: ExecutionContext, flags: readonly string[]) {
  const cwd = await temporaryDirectory(t, 'init');
  return { cwd, answer: await parley(['init', ...flags], { cwd }) };
}

/** A person at a terminal who types these lines. */
async function typing(t: ExecutionContext, lines: readonly string[]) {
  const cwd = await temporaryDirectory(t, 'init');
  const stdin = new PassThrough();
  stdin.end(lines.map((line) => `${line}\n`).join(''));
  const context = { ...fakeContext({ cwd, tty: true }), stdin, interactive: true };
  return { cwd, context, code: await runCli(['init'], context) };
}

test('init - what it writes passes check', async (t) => {
  const { cwd, answer } = await initIn(t, ['--yes', '--room', 'quakeworld', ...TWO]);
  t.is(answer.code, 0, answer.stderr);
  const checked = await parley(['check'], { cwd });
  t.is(checked.code, 0, checked.stdout);
  t.is(checked.stdout, 'parley.yaml: no faults (2 networks, 1 room).\n');
});

test('init - the room joins the channels of the networks', async (t) => {
  const { cwd } = await initIn(t, ['--yes', '--room', 'quakeworld', ...TWO]);
  const { stdout } = await parley(['rooms', '--json'], { cwd });
  const { rooms } = JSON.parse(stdout);
  t.is(rooms.length, 1);
  t.like(rooms[0], {
    name: 'quakeworld',
    channels: [
      { network: 'quakenet', channel: '#qw' },
      { network: 'local', channel: '#ops' },
    ],
  });
});

test('init - never writes over a file', async (t) => {
  const cwd = await temporaryDirectory(t, 'init');
  await writeFile(join(cwd, 'parley.yaml'), 'mine');
  const { code, stderr } = await parley(['init', '--yes', ...TWO], { cwd });
  t.is(code, 2);
  t.true(stderr.startsWith('parley: parley.yaml is there already: nothing was written.\nfix: '));
  t.is(await readFile(join(cwd, 'parley.yaml'), 'utf8'), 'mine');
});

test('init - without a terminal it says which flags to give', async (t) => {
  const { answer } = await initIn(t, []);
  t.is(answer.code, 2);
  t.regex(answer.stderr, /no terminal .*\nfix: .*--yes/);
});

test('init - --yes without a network is wrong usage', async (t) => {
  const { answer } = await initIn(t, ['--yes']);
  t.is(answer.code, 2);
  t.true(answer.stderr.includes('at least one --network'));
});

test('init - a network flag that cannot be read is told with an example', async (t) => {
  const { answer } = await initIn(t, ['--yes', '--network', 'irc.quakenet.org']);
  t.is(answer.code, 2);
  t.true(answer.stderr.includes('expected name=irc://host:port/#channel, got "irc.quakenet.org"'));
});

test('init - asks, with defaults, and writes a sound config', async (t) => {
  const { cwd, code, context } = await typing(t, [
    'chat',
    'here',
    '127.0.0.1',
    'n',
    '',
    '#a',
    'relay',
    'n',
    'n',
  ]);
  t.is(code, 0, context.stderr.text);
  t.true(context.stderr.text.includes('  port [6667]: '));
  t.true(context.stderr.text.includes('`npx parley check`'));
  t.is((await parley(['check'], { cwd })).code, 0);
});

test('init - offers the server of the network, and no TLS where there may be none', async (t) => {
  const { context } = await typing(t, [
    'chat',
    'libera',
    '',
    '',
    '',
    '',
    '',
    'y',
    'quakenet',
    '',
    '',
    '',
    '',
  ]);
  const asked = context.stderr.text;
  t.true(asked.includes('its server [irc.libera.chat]'), asked);
  t.true(asked.includes('its server [irc.quakenet.org]'), asked);
  t.regex(asked, /port \[6697\][\s\S]*port \[6667\]/);
});

test('init - asks again until an answer is possible', async (t) => {
  const { code, context } = await typing(t, ['', 'a b', 'net', '', 'n', '99999', '6667', '', '', 'n', 'n']);
  t.is(code, 0, context.stderr.text);
  t.true(context.stderr.text.includes('expected letters, digits, - and _'));
  t.true(context.stderr.text.includes('expected a port 1–65535'));
});

test('init - an input that ends half-way writes nothing', async (t) => {
  const { cwd, code, context } = await typing(t, ['chat', 'net']);
  t.is(code, 2);
  t.true(context.stderr.text.includes('nothing was written'));
  await t.throwsAsync(readFile(join(cwd, 'parley.yaml')), { code: 'ENOENT' });
});
