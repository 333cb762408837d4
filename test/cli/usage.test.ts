import test from 'ava';
import { runCli } from '../../src/cli/index.js';
import { temporaryDirectory } from '../peers/index.js';
import { fakeContext } from './fake-context.js';
import { node, nodeArgs, parley } from './run-parley.js';

/** Tells at the end, on stderr, which CommonJS modules were loaded. */
const WITNESS = `data:text/javascript,${encodeURIComponent(
  "import { createRequire } from 'node:module';" +
    "process.on('exit', () => process.stderr.write(Object.keys(createRequire('/').cache).join(' ')));",
)}`;

test('parley - --help loads none of the large libraries', async (t) => {
  const { code, stderr } = await node(['--import', WITNESS, ...nodeArgs('--help')]);
  t.is(code, 0);
  t.regex(stderr, /\/node_modules\/commander\//);
  t.notRegex(stderr, /\/node_modules\/(?:nats|yaml|winston|fastify|irc-framework|zod)\//);
});

test('parley - --help lists the commands', async (t) => {
  const { code, stdout } = await parley(['--help']);
  t.is(code, 0);
  for (const name of ['start', 'check', 'tail', 'dead', 'token', 'init'])
    t.regex(stdout, new RegExp(`\n {2}${name} `));
});

test('parley - --version prints the version alone', async (t) => {
  const { code, stdout } = await parley(['--version']);
  t.is(code, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('parley - no command is wrong usage and shows the help', async (t) => {
  const { code, stdout, stderr } = await parley([]);
  t.is(code, 2);
  t.is(stdout, '');
  t.true(stderr.includes('Usage: parley'));
  t.true(stderr.endsWith('parley: A command is missing.\nfix: See `parley --help`.\n'));
});

test('parley - an unknown command is told with the nearest one', async (t) => {
  const { code, stderr } = await parley(['statsu']);
  t.is(code, 2);
  t.regex(
    stderr,
    /^parley: unknown command 'statsu'.*Did you mean status\?\)?\nfix: See `parley --help`\.\n$/,
  );
});

test('parley - an unknown flag points at the help of its command', async (t) => {
  const { code, stderr } = await parley(['dead', 'list', '--wat']);
  t.is(code, 2);
  t.is(stderr, "parley: unknown option '--wat'\nfix: See `parley dead list --help`.\n");
});

test('parley - a missing argument is wrong usage', async (t) => {
  const { code, stderr } = await parley(['tail']);
  t.is(code, 2);
  t.is(stderr, "parley: missing required argument 'room'\nfix: See `parley tail --help`.\n");
});

test('parley - --json tells an error as one document on stdout', async (t) => {
  const { code, stdout, stderr } = await parley(['tail', '--json']);
  t.is(code, 2);
  t.deepEqual(JSON.parse(stdout), {
    error: {
      code: 'USAGE',
      message: "missing required argument 'room'",
      fix: 'See `parley tail --help`.',
    },
  });
  t.true(stderr.startsWith('parley: missing'));
});

test('parley - no config anywhere is told with the way to one', async (t) => {
  const empty = await temporaryDirectory(t, 'empty');
  const { code, stderr } = await parley(['rooms'], { cwd: empty });
  t.is(code, 2);
  t.true(stderr.includes('There is no parley.yaml or config/parley.yaml in '));
  t.true(stderr.includes('fix: Write one with `parley init`'));
});

test('parley - a stack is shown with --debug only', async (t) => {
  const empty = await temporaryDirectory(t, 'empty');
  t.notRegex((await parley(['rooms'], { cwd: empty })).stderr, /\n\s+at /);
  t.regex((await parley(['rooms', '--debug'], { cwd: empty })).stderr, /\n\s+at /);
});

for (const command of [
  ['start'],
  ['check'],
  ['reload'],
  ['status'],
  ['rooms'],
  ['tail'],
  ['say'],
  ['dead', 'list'],
  ['dead', 'replay'],
  ['dead', 'drop'],
  ['token', 'create'],
  ['token', 'list'],
  ['token', 'revoke'],
  ['init'],
  ['completion'],
]) {
  test(`parley - ${command.join(' ')} --help has examples and the common flags`, async (t) => {
    const context = fakeContext();
    t.is(await runCli([...command, '--help'], context), 0);
    const help = context.stdout.text;
    t.true(help.includes(`\nExamples:\n  parley ${command.join(' ')}`));
    for (const flag of ['--json', '--config', '--debug']) t.true(help.includes(flag));
  });
}
