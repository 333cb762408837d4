import { readdir, readFile } from 'node:fs/promises';

/**
 * Stops a process as a machine that hangs; SIGCONT lets it go on. Each thread stops on its own, and on a busy machine
 * later than the signal was sent.
 */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  for (;;) {
    const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
    const stats = await Promise.all(
      tasks.map((task) => readFile(`/proc/${pid}/task/${task}/stat`, 'utf8').catch(() => ') T')),
    );
    if (stats.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'))) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
