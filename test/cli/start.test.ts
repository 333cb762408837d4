import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePorts, ircClient, temporaryDirectory, until } from '../peers/index.js';
import { collect, nodeArgs, parley, startNode } from './run-parley.js';

// One gateway at a time: each is three processes.
const START_MS = 20_000;
const READY = 'Parley is running.';
/** Throws outside every promise, as a fault in Parley would. */
const FAULT = 'data:text/javascript,process.on("SIGUSR2", () => { throw new Error("planted fault"); })';

interface Place {
  readonly cwd: string;
  readonly file: string;
  readonly ircPort: number;
}

interface Running extends Place {
  readonly child: ChildProcess;
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly closed: Promise<unknown[]>;
}

async function place(t: ExecutionContext): Promise<Place> {
  const cwd = await temporaryDirectory(t, 'start');
  const [ircPort = 0] = await freePorts(1);
  const file = join(cwd, 'parley.yaml');
  await writeFile(file, configOf(ircPort));
  return { cwd, file, ircPort };
}

function configOf(ircPort: number, more = ''): string {
  return `node: { name: alpha, listen: auto, store: ./data }
demo: { irc: { listen: "127.0.0.1:${ircPort}", channel: "#lobby" } }
networks:
  demo: { bridge: irc, host: 127.0.0.1, port: ${ircPort}, tls: false, nick: relay }
rooms:
  lobby: { channels: [{ demo: "#lobby" }] }
${more}http: { listen: auto }
`;
}

async function start(t: ExecutionContext, at: Place, flags: readonly string[] = []): Promise<Running> {
  const child = startNode(['--import', FAULT, ...nodeArgs('start'), ...flags], { cwd: at.cwd });
  const closed = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const output = collect(child);
  const ready = flags.includes('--json') ? '"running"' : 'npx parley say';
  await until(() => output.stdout.includes(ready) || child.exitCode !== null, {
    what: 'the start',
    deadlineMs: START_MS,
  });
  t.is(child.exitCode, null, output.stderr);
  return { ...at, child, output, closed };
}

async function exitCodeOf({ closed }: Running): Promise<unknown> {
  const [code] = await closed;
  return code;
}

test.serial('start - says what runs where, and three lines to try, without a secret', async (t) => {
  const { cwd, output } = await start(t, await place(t));
  t.true(output.stdout.startsWith(READY));
  t.regex(output.stdout, /\n {2}http +http:\/\/127\.0\.0\.1:\d+\n/);
  t.is(output.stdout.split('Try it:\n')[1]?.trimEnd().split('\n').length, 3);
  const token = (await readFile(join(cwd, 'data/demo.token'), 'utf8')).trim();
  t.regex(token, /^parley_/);
  t.false((output.stdout + output.stderr).includes(token));
  t.is((await stat(join(cwd, 'data/demo.token'))).mode & 0o777, 0o600);
});

test.serial('start - what the CLI says is heard on IRC, and the other way round', async (t) => {
  const { cwd, ircPort } = await start(t, await place(t));
  const guest = await ircClient(t, { host: '127.0.0.1', port: ircPort }, { nick: 'guest' });
  await guest.join('#lobby');
  t.is((await parley(['say', 'lobby', 'from the shell'], { cwd })).code, 0);
  await guest.waitFor(/ PRIVMSG #lobby .*from the shell/, START_MS);
  guest.say('#lobby', 'from irc');
  await until(
    async () => (await parley(['tail', 'lobby', '--no-follow'], { cwd })).stdout.includes('from irc'),
    {
      what: 'the line in the log',
      deadlineMs: START_MS,
    },
  );
});

test.serial('start - the token of the curl line opens the HTTP API', async (t) => {
  const { cwd, output } = await start(t, await place(t));
  const token = (await readFile(join(cwd, 'data/demo.token'), 'utf8')).trim();
  const [, base = ''] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(output.stdout) ?? [];
  const answer = await fetch(`${base}/v1/rooms/lobby/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"text":"hello"}',
  });
  t.is(answer.status, 202, await answer.text());
});

test.serial('start - keeps the token over a restart', async (t) => {
  const at = await place(t);
  const first = await start(t, at);
  const token = await readFile(join(at.cwd, 'data/demo.token'), 'utf8');
  first.child.kill('SIGTERM');
  t.is(await exitCodeOf(first), 0);
  await start(t, at);
  t.is(await readFile(join(at.cwd, 'data/demo.token'), 'utf8'), token);
});

test.serial('start - SIGTERM and SIGINT stop it cleanly, and nothing is left running', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const running = await start(t, await place(t));
    running.child.kill(signal);
    t.is(await exitCodeOf(running), 0, running.output.stderr);
    const { code } = await parley(['status'], { cwd: running.cwd });
    t.is(code, 3);
    const probe = createServer().listen(running.ircPort, '127.0.0.1');
    await once(probe, 'listening');
    probe.close();
  }
});

test.serial('start - one signal that arrives twice is one signal', async (t) => {
  const running = await start(t, await place(t));
  running.child.kill('SIGINT');
  running.child.kill('SIGINT');
  t.is(await exitCodeOf(running), 0);
});

test.serial('start - a second signal ends a stop that hangs, with 1', async (t) => {
  const running = await start(t, await place(t));
  const status = await parley(['status', '--json'], { cwd: running.cwd });
  const { pid } = JSON.parse(status.stdout).node;
  // A frozen backbone: the stop waits for it.
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => void process.kill(pid, 'SIGCONT'));
  running.child.kill('SIGINT');
  await until(() => running.output.stderr.includes('stopping'), { what: 'the stop', deadlineMs: START_MS });
  const ended = () => running.child.exitCode !== null || !running.child.kill('SIGINT');
  await until(ended, { what: 'the end', deadlineMs: START_MS, everyMs: 50 });
  t.is(await exitCodeOf(running), 1);
});

test.serial('start - --json tells what runs as one document', async (t) => {
  const { output } = await start(t, await place(t), ['--json']);
  t.like(JSON.parse(output.stdout), { running: { gateway: 'alpha', networks: 'demo', rooms: 'lobby' } });
});

test.serial('start - SIGHUP and a saved file reload, a faulty one changes nothing', async (t) => {
  const at = await place(t);
  const { child, output, cwd } = await start(t, at);
  const more = '  ops: { channels: [{ demo: "#ops" }] }\n';
  await writeFile(`${at.file}.new`, configOf(at.ircPort, more));
  await rename(`${at.file}.new`, at.file);
  await until(() => output.stderr.includes('+ room ops'), { what: 'the reload', deadlineMs: START_MS });

  await writeFile(at.file, `${configOf(at.ircPort, more)}nonsense: 1\n`);
  await until(() => output.stderr.includes('config not reloaded'), {
    what: 'the refusal',
    deadlineMs: START_MS,
  });
  t.true(output.stderr.includes('nonsense'));

  await writeFile(at.file, configOf(at.ircPort));
  await until(() => output.stderr.includes('- room ops'), { what: 'the reload', deadlineMs: START_MS });
  child.kill('SIGHUP');
  await until(() => output.stderr.includes('why=SIGHUP'), { what: 'the reload', deadlineMs: START_MS });
  t.is((await parley(['status'], { cwd })).code, 0);
});

test.serial('reload and check --diff - tell the same change, before and after', async (t) => {
  const at = await place(t);
  await start(t, at);
  const other = join(at.cwd, 'other.yaml');
  await writeFile(other, configOf(at.ircPort, '  ops: { channels: [{ demo: "#ops" }] }\n'));
  const same = await parley(['check', '--diff'], { cwd: at.cwd });
  t.is(same.stdout, 'Nothing changed.\n');
  const before = await parley(['check', '--diff', '-c', 'other.yaml'], { cwd: at.cwd });
  t.is(before.stdout, '+ room ops\n', before.stderr);
  const reloaded = await parley(['reload', '--json'], { cwd: at.cwd });
  t.is(reloaded.code, 0, reloaded.stderr);
  t.is(typeof JSON.parse(reloaded.stdout).diff, 'object');
});

test.serial('reload and check --diff - what waits for a restart is named until then', async (t) => {
  const at = await place(t);
  await start(t, at);
  await writeFile(at.file, `${configOf(at.ircPort)}history: { maxAge: 3d }\n`);
  const lines = /^~ history \(after a restart\)\n/;
  for (const command of [['reload'], ['reload'], ['check', '--diff']]) {
    t.regex((await parley(command, { cwd: at.cwd })).stdout, lines, command.join(' '));
  }
});

test.serial('start - a fault in Parley stops it with 70, and nothing is left running', async (t) => {
  const running = await start(t, await place(t));
  running.child.kill('SIGUSR2');
  t.is(await exitCodeOf(running), 70);
  t.true(running.output.stderr.includes('planted fault'));
  t.is((await parley(['status'], { cwd: running.cwd })).code, 3);
});

test.serial('start - a second gateway on the same store is refused, the first goes on', async (t) => {
  const at = await place(t);
  await start(t, at);
  const [port = 0] = await freePorts(1);
  await writeFile(join(at.cwd, 'second.yaml'), configOf(port));
  const { code, stderr } = await parley(['start', '-c', 'second.yaml'], { cwd: at.cwd });
  t.is(code, 5, stderr);
  t.regex(stderr, /\nfix: /);
  t.is((await parley(['status'], { cwd: at.cwd })).code, 0);
});

test.serial('start - each taken port has its own error', async (t) => {
  const at = await place(t);
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  t.teardown(() => void holder.close());
  const address = holder.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const config = configOf(at.ircPort);
  const cases = [
    config.replace('listen: auto, store', `listen: "127.0.0.1:${port}", store`),
    config.replace(`listen: "127.0.0.1:${at.ircPort}"`, `listen: "127.0.0.1:${port}"`),
    config.replace('http: { listen: auto }', `http: { listen: "127.0.0.1:${port}" }`),
  ];
  for (const text of cases) {
    await writeFile(at.file, text);
    const { code, stderr } = await parley(['start'], { cwd: at.cwd });
    t.is(code, 5, stderr);
    t.regex(stderr, new RegExp(`parley: .*127\\.0\\.0\\.1:${port}.*\\nfix: `));
  }
});

test.serial('start - a config with faults names each and ends with 2', async (t) => {
  const at = await place(t);
  await writeFile(
    at.file,
    configOf(at.ircPort).replace('bridge: irc', 'bridge: ircc').concat('nonsense: 1\n'),
  );
  const { code, stderr } = await parley(['start'], { cwd: at.cwd });
  t.is(code, 2);
  t.regex(stderr, /^parley\.yaml:\d+:\d+ /);
  t.true(stderr.includes('nonsense'));
});

test.serial('check - every fault is a line with its place', async (t) => {
  const at = await place(t);
  await writeFile(
    at.file,
    configOf(at.ircPort).replace('bridge: irc', 'bridge: ircc').concat('nonsense: 1\n'),
  );
  const { code, stdout, stderr } = await parley(['check'], { cwd: at.cwd });
  t.is(code, 2);
  t.true(
    stdout
      .trimEnd()
      .split('\n')
      .every((line) => /^parley\.yaml:\d+:\d+ /.test(line)),
    stdout,
  );
  t.regex(stderr, /^\d+ faults\.\n$/);
  const { faults } = JSON.parse((await parley(['check', '--json'], { cwd: at.cwd })).stdout);
  t.true(faults.some((fault: { path: string }) => fault.path === 'nonsense'));
});
