/** One run of the nats-server program. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { endProcess } from './processes.js';
import type { Program } from './program.js';
import { ServerLog } from './server-log.js';

const READY_DEADLINE_MS = 30_000;
/**
 * What consumers have acknowledged nats-server 2.9.10 writes up to 100 ms later, and a stop does not wait for a writing that
 * has begun: of a consumer that was young it was seen to forget everything.
 */
const REST_MS = 200;
const STOP_GRACE_MS = 10_000;
const RELOAD_DEADLINE_MS = 15_000;

export interface Child {
  readonly pid: number;
  readonly port: number;
  /** Where leaf nodes connect, or null. */
  readonly leafPort: number | null;
  /** Resolves with what it said, when that means that what it has on disk is damaged. */
  readonly doubted: Promise<string>;
  /** How it ended. Never rejects. */
  readonly exited: Promise<string>;
  /** Makes it read its config again. Throws ChildError when it refuses, and goes on as before. */
  reload(): Promise<void>;
  /** Lame duck: it sends its clients away, then ends; ended like `stop` after `graceMs`. */
  drain(graceMs: number): Promise<void>;
  /** At once, without a goodbye: for a server that hears nothing. */
  kill(): void;
  /** Killed when it has not ended after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
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
    leafPort: words.leafPort,
    doubted: words.doubted,
    exited,
    reload: () => reload(child, words, file, exited),
    drain: async (graceMs) => {
      child.kill('SIGUSR2');
      await ended(exited, graceMs);
      if (isRunning(child)) await endProcess(pid, STOP_GRACE_MS);
      await exited;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
    stop: async (graceMs = STOP_GRACE_MS) => {
      await ended(exited, REST_MS);
      if (isRunning(child)) await endProcess(pid, graceMs);
      await exited;
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function ended(exited: Promise<string>, graceMs: number): Promise<void> {
  const early = new AbortController();
  const late = pause(graceMs, undefined, { signal: early.signal }).catch(() => {});
  await Promise.race([exited, late]);
  early.abort();
}

/** The server answers a reload in its log only. */
async function reload(
  child: ChildProcess,
  words: ServerWords,
  file: ServerLog,
  exited: Promise<string>,
): Promise<void> {
  file.hurry();
  try {
    const answer = words.nextReload();
    child.kill('SIGHUP');
    const gone = exited.then((how) => `it ended meanwhile (${how})`);
    const late = new AbortController();
    const deadline = pause(RELOAD_DEADLINE_MS, 'no answer to the reload', { signal: late.signal });
    deadline.catch(() => {});
    const refusal = await Promise.race([answer, gone, deadline]).finally(() => late.abort());
    if (refusal !== null) throw new ChildError(`did not take the new configuration: ${refusal}`, '');
  } finally {
    file.relax();
  }
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
  leafPort: number | null = null;
  #settle: (port: number) => void = () => {};
  /** The last complaint, or empty. */
  fatal = '';
  /** Resolves with the port. */
  readonly ready = new Promise<number>((resolve) => {
    this.#settle = resolve;
  });

  #doubt: (said: string) => void = () => {};
  readonly doubted = new Promise<string>((resolve) => {
    this.#doubt = resolve;
  });

  #reloaded: (refusal: string | null) => void = () => {};

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Resolves with null when the next reload is taken, else with why not. */
  nextReload(): Promise<string | null> {
    return new Promise((resolve) => {
      this.#reloaded = resolve;
    });
  }

  heard(line: string): void {
    const { level, text: told } = readLine(line);
    // What could not be changed follows with all its fields, passwords too.
    const text = told.replace(/(config reload not supported for \w+):.*$/, '$1');
    logLine(this.#log, level, text);
    if (text !== '' && (level === 'FTL' || level === 'ERR' || level === '')) this.fatal = text;
    this.#port ||= Number(/Listening for client connections on .*:(\d+)$/.exec(text)?.[1] ?? 0);
    this.leafPort ??= portIn(/Listening for leafnode connections on .*:(\d+)$/.exec(text));
    if (DAMAGED.test(text)) this.#doubt(text);
    if (text === 'Reloaded server configuration') this.#reloaded(null);
    else if (text.startsWith('Failed to reload')) this.#reloaded(text);
    if (text === 'Server is ready') this.#settle(this.#port);
  }
}

/** Of nats-server 2.9: a snapshot that was written without room is empty, and its log is gone. */
const DAMAGED = /Snapshot corrupt|Critical write error|no space left on device/i;

function portIn(match: RegExpExecArray | null): number | null {
  return match === null ? null : Number(match[1]);
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
