import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startDemo } from '../../src/demo/server.js';
import { silentLogger } from '../../src/log.js';
import { freePorts, temporaryDirectory, until } from '../peers/index.js';

const HOST = '127.0.0.1';

test('demo - a client is registered and enters the channel', async (t) => {
  const { port, store } = await place(t);
  const demo = await startDemo(demoOn(port), store, silentLogger);
  t.teardown(() => demo.stop());
  const lines = await talk(port, 'NICK guest\r\nUSER guest 0 * :guest\r\nJOIN #lobby\r\n', / 366 /);
  t.regex(lines, / 001 guest /);
  t.regex(lines, / 332 guest #lobby :What is said here/);
});

test('demo - stop ends the server and frees its port', async (t) => {
  const { port, store } = await place(t);
  const demo = await startDemo(demoOn(port), store, silentLogger);
  await demo.stop();
  await t.notThrowsAsync(demo.closed);
  t.false(await accepts(port));
});

test('demo - starts again at once on the same port', async (t) => {
  const { port, store } = await place(t);
  const first = await startDemo(demoOn(port), store, silentLogger);
  await first.stop();
  const second = await startDemo(demoOn(port), store, silentLogger);
  t.teardown(() => second.stop());
  t.true(await accepts(port));
});

test('demo - a taken port is told with a fix', async (t) => {
  const { store } = await place(t);
  const holder = createServer().listen(0, HOST);
  await once(holder, 'listening');
  t.teardown(() => holder.close());
  const port = portOf(holder.address());
  const error = await t.throwsAsync(startDemo(demoOn(port), store, silentLogger), { code: 'PORT_TAKEN' });
  t.true(error.message.includes(`demo.irc: ${HOST}:${port} is taken by another program.`));
});

test('demo - a store that is a file is told as unwritable', async (t) => {
  const { port } = await place(t);
  await t.throwsAsync(startDemo(demoOn(port), '/dev/null', silentLogger), { code: 'STORE_UNWRITABLE' });
});

test('demo - a value cannot add a setting to the server', async (t) => {
  const { port, store } = await place(t);
  const channel = '#lobby\n[Operator]\nName = eve';
  const demo = await startDemo({ irc: { host: HOST, port, channel } }, store, silentLogger);
  t.teardown(() => demo.stop());
  const settings = await readFile(join(store, 'demo-irc', 'ngircd.conf'), 'utf8');
  t.notRegex(settings, /^\[Operator\]/m);
});

test('demo - the server dies with a parent that was killed', async (t) => {
  const { port, store } = await place(t);
  const script = `
    const { startDemo } = await import(${JSON.stringify(new URL('../../src/demo/server.js', import.meta.url).href)});
    const log = { debug() {}, info() {} };
    await startDemo(${JSON.stringify(demoOn(port))}, ${JSON.stringify(store)}, log);
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(parent.stdout, 'data');
  t.true(await accepts(port));
  parent.kill('SIGKILL');
  await until(async () => !(await accepts(port)), { what: 'the port to be free' });
  t.pass();
});

function demoOn(port: number) {
  return { irc: { host: HOST, port, channel: '#lobby' } };
}

async function place(t: ExecutionContext): Promise<{ readonly port: number; readonly store: string }> {
  const [port = 0] = await freePorts(1);
  return { port, store: await temporaryDirectory(t, 'demo') };
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

async function talk(port: number, request: string, until: RegExp): Promise<string> {
  const socket = connect(port, HOST);
  socket.write(request);
  let lines = '';
  for await (const chunk of socket) {
    lines += String(chunk);
    if (until.test(lines)) break;
  }
  socket.destroy();
  return lines;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
