/** One run of the nats-server program. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { endProcess } from './processes.js';
import type { Program } from './program.js';
import { ServerLog } from './server-log.js';

const READY_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 10_000;

export interface Child {
  readonly pid: number;
  readonly port: number;
  /** How it ended. Never rejects. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Why a server did not get ready, in its own words. */
export class ChildError extends ParleyError {
  readonly said: string;

  constructor(reason: string, said: string) {
    super('NODE_FAILED', `nats-server: ${reason}${said === '' ? '' : `: ${said}`}`, {
      fix: 'Read the line above; run with log level "debug" to see all that nats-server says.',
    });
    this.said = said;
  }
}

/** Resolves once clients can connect. Throws ChildError. The server's own log lies beside its config. */
export async function runServer(program: Program, config: string, log: Logger): Promise<Child> {
  const words = new ServerWords(log);
  const file = new ServerLog(config.replace(/(\.conf)?$/, '.log'), (line) => words.heard(line));
  const child = spawn(program.command, [...program.args, '-c', config], {
    stdio: ['ignore', 'ignore', file.fd],
    // A group of its own: Ctrl-C in a terminal must reach the gateway only, which stops the node last.
    detached: true,
  });
  const exited = exitOf(child).finally(() => file.close());
  const port = await ready(words, exited).catch(async (error: unknown) => {
    if (child.pid !== undefined) await endProcess(child.pid, 0);
    throw error;
  });
  file.relax();
  const pid = child.pid ?? 0;
  return {
    pid,
    port,
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) await endProcess(pid, STOP_GRACE_MS);
      await exited;
    },
  };
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(reasonOf(error)));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

async function ready(words: ServerWords, exited: Promise<string>): Promise<number> {
  const late = new AbortController();
  const deadline = pause(READY_DEADLINE_MS, `not ready within ${READY_DEADLINE_MS} ms`, {
    signal: late.signal,
  });
  deadline.catch(() => {});
  try {
    const outcome = await Promise.race([words.ready, exited, deadline]);
    if (typeof outcome === 'number') return outcome;
    throw new ChildError(outcome, words.fatal);
  } finally {
    late.abort();
  }
}

/** What the lines of the server tell. */
class ServerWords {
  readonly #log: Logger;
  #port = 0;
  #settle: (port: number) => void = () => {};
  /** The last complaint, or empty. */
  fatal = '';
  /** Resolves with the port. */
  readonly ready = new Promise<number>((resolve) => {
    this.#settle = resolve;
  });

  constructor(log: Logger) {
    this.#log = log;
  }

  heard(line: string): void {
    const { level, text } = readLine(line);
    logLine(this.#log, level, text);
    if (level === 'FTL' || level === 'ERR' || level === '') this.fatal = text;
    this.#port ||= Number(/Listening for client connections on .*:(\d+)$/.exec(text)?.[1] ?? 0);
    if (text === 'Server is ready') this.#settle(this.#port);
  }
}

/** `[123] 2026/11/20 20:42:00.123456 [INF] Server is ready`; anything else is kept whole. */
function readLine(line: string): { readonly level: string; readonly text: string } {
  const [, level = '', text = line] = /\[(INF|WRN|ERR|FTL|DBG|TRC)\] (.*)$/.exec(line) ?? [];
  return { level, text };
}

/** It means the password in its own config file, which only we can read. */
const HARMLESS = /^Plaintext passwords detected/;

function logLine(log: Logger, level: string, text: string): void {
  if (HARMLESS.test(text)) log.debug('nats-server', { said: text });
  else if (level === 'ERR' || level === 'FTL' || level === 'WRN') log.warn('nats-server', { said: text });
  else log.debug('nats-server', { said: text });
}
