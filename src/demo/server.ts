/** The demo IRC server: an ngircd child on a loopback port, so that a newcomer needs no outside server. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { spawnTied } from './lifeline.js';
import { ensureFree, listens } from './port.js';
import { ngircdSettings } from './settings.js';

const READY_MS = 5000;
const STOP_MS = 2000;
const WHERE = 'demo.irc';
const NOT_FOUND_STATUS = 127;

export interface DemoServer {
  readonly host: string;
  readonly port: number;
  readonly channel: string;
  /** Settles once: resolves after `stop`, rejects when the server ended on its own. */
  readonly closed: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Resolves once the server takes connections. `store` is an absolute path; the server's files go into `demo-irc` there.
 * Throws PORT_TAKEN, NODE_MISSING (no ngircd), STORE_UNWRITABLE or NODE_FAILED.
 */
export async function startDemo(demo: DemoConfig, store: string, log: Logger): Promise<DemoServer> {
  const { host, port, channel } = demo.irc;
  await ensureFree(host, port, WHERE);
  const settings = await writeSettings(demo.irc, join(store, 'demo-irc'));
  const child = spawnTied('ngircd', ['-n', '-f', settings]);
  const output = collectOutput(child, log);
  const ended = once(child, 'close');
  if (!(await listens(host, port, () => hasEnded(child), READY_MS))) {
    child.stdin?.end();
    throw failed(child, output());
  }
  log.info('demo IRC server ready', { host, port });
  let stopping = false;
  const stop = async () => {
    stopping = true;
    await end(child, ended);
  };
  const closed = ended.then(() => {
    if (!stopping) throw failed(child, output());
  });
  closed.catch(() => {});
  return { host, port, channel, closed, stop };
}

async function writeSettings(irc: DemoConfig['irc'], folder: string): Promise<string> {
  const settings = join(folder, 'ngircd.conf');
  const motd = join(folder, 'motd.txt');
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(motd, 'Welcome. This server belongs to a Parley demo and ends with it.\n');
    await writeFile(settings, ngircdSettings(irc, motd));
    return settings;
  } catch (cause) {
    throw new ParleyError('STORE_UNWRITABLE', `${WHERE}: cannot write to ${folder}: ${reasonOf(cause)}.`, {
      fix: 'Give that folder to the user that runs Parley, or set another `node.store`.',
      cause,
    });
  }
}

/** The last lines the server wrote, for the error that tells why it ended. */
function collectOutput(child: ChildProcess, log: Logger): () => string {
  let tail = '';
  const take = (chunk: Buffer) => {
    log.debug('demo IRC server', { output: chunk.toString().trimEnd() });
    tail = `${tail}${chunk}`.slice(-1000);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  // A pipe whose reader is gone answers EPIPE; `close` tells the rest.
  child.stdin?.on('error', () => {});
  return () => tail.trim().split('\n').slice(-3).join(' | ');
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  // Negative: the whole session, shell and server.
  const kill = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(kill);
}

function failed(child: ChildProcess, output: string): ParleyError {
  if (child.exitCode === NOT_FOUND_STATUS) {
    return new ParleyError('NODE_MISSING', `${WHERE}: the program ngircd is not installed.`, {
      fix: 'Install it (`apt install ngircd`, `brew install ngircd`, `apk add ngircd`), or remove `demo` from the config.',
    });
  }
  return new ParleyError(
    'NODE_FAILED',
    `${WHERE}: ngircd ended (${child.exitCode ?? child.signalCode}): ${output}`,
    {
      fix: 'Mend what it says, or remove `demo` from the config.',
    },
  );
}
