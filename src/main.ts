#!/usr/bin/env -S node --max-semi-space-size=4
/** The `parley` program. Nothing else reads argv, the environment or signals, or ends the process. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { type CliContext, runCli, type Signals, type Terminal } from './cli/index.js';

const CRASHED = 70;
/** How long a crashed gateway may take to store what it has accepted. */
const CRASH_GRACE_MS = 5000;
/** One Ctrl-C under `npm start` arrives twice: from the terminal and from npm. */
const SAME_KEY_MS = 300;

function terminal(stream: NodeJS.WriteStream): Terminal {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    get columns() {
      // 0 on a terminal that does not know its width.
      return stream.columns || 80;
    },
  };
}

function processSignals(): Signals {
  const stops: (() => void)[] = [];
  let stoppedAt = 0;
  const stop = (exitCode: number) => {
    const again = stoppedAt > 0 && Date.now() - stoppedAt > SAME_KEY_MS;
    if (again) process.exit(1);
    if (stops.length === 0) process.exit(exitCode);
    if (stoppedAt === 0) for (const listener of stops) listener();
    stoppedAt ||= Date.now();
  };
  process.on('SIGINT', () => stop(130));
  process.on('SIGTERM', () => stop(143));
  return {
    onStop: (listener) => void stops.push(listener),
    onReload: (listener) => void process.on('SIGHUP', listener),
    onCrash: (listener) => void crashes.push(listener),
  };
}

const crashes: ((error: unknown) => void)[] = [];

/** A fault in Parley itself: said with its stack, then the gateway stops as well as it can. */
function crash(error: unknown): void {
  process.stderr.write(`parley: fault in Parley: ${error instanceof Error ? error.stack : String(error)}\n`);
  if (crashes.length === 0) process.exit(CRASHED);
  for (const listener of crashes) listener(error);
  setTimeout(() => process.exit(CRASHED), CRASH_GRACE_MS).unref();
}

function versionOf(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
}

function createContext(): CliContext {
  return {
    stdin: process.stdin,
    stdout: terminal(process.stdout),
    stderr: terminal(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    user: userName(),
    host: hostname(),
    version: versionOf(),
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    signals: processSignals(),
  };
}

/** A container may run under a user id that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? 'unknown';
  }
}

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
// `parley tail | head`: the reader has seen enough.
process.stdout.on('error', () => process.exit(0));
// A log reader that is gone must not end the gateway.
process.stderr.on('error', () => {});

const exitCode = await runCli(process.argv.slice(2), createContext());
// A pipe takes its time: what was written must be out before the end.
process.stdout.write('', () => process.exit(exitCode));
