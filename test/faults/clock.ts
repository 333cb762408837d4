/**
 * A wall clock for one process that a run can set. libfaketime (preloaded) reads the offset from a file; the steady clock
 * stays true, as when an operator or NTP sets the time. Works with Node.js, not with nats-server: Go asks the kernel.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Clock {
  /** For the process that is to have this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** Seconds from the true time; 0 is true again. Takes a second to be seen. */
  jump(seconds: number): Promise<void>;
}

/** Null where libfaketime is not installed. */
export async function makeClock(file: string): Promise<Clock | null> {
  const library = await preloaded();
  if (library === null) return null;
  const jump = (seconds: number) => writeFile(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  await jump(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { env, jump };
}

/** What the `faketime` program itself would preload: its path differs from system to system. */
async function preloaded(): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const asked = await run('faketime', ['-f', '+0', 'env']).catch(() => null);
  return /^LD_PRELOAD=(.+)$/m.exec(asked?.stdout ?? '')?.[1] ?? null;
}
