/** Questions about other processes, by id. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The command line, or null when there is no such process. */
export async function commandOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

/** Tells a process from a later one with the same id; null when there is no such process. */
export async function birthOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    // Field 22, counted behind the name, which may hold spaces and brackets (proc_pid_stat(5)).
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  }
  return run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || null,
    () => null,
  );
}

/** Asks it to end, waits, and kills it after `graceMs`. */
export async function endProcess(pid: number, graceMs: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await gone(pid, graceMs)) return;
  signal(pid, 'SIGKILL');
  await gone(pid, 5000);
}

async function gone(pid: number, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (isAlive(pid) && !(await isZombie(pid))) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** Dead, and nobody has collected it: in a container without an init process it stays so. */
async function isZombie(pid: number): Promise<boolean> {
  return process.platform === 'linux' && (await commandOf(pid)) === '';
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended, which is what was wanted.
  }
}
