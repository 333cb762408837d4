import { cpuMs, residentMb } from './processes.js';
import type { Figure } from './report.js';
import type { Stage } from './stage.js';

/** Time to give memory back after what came before. */
const SETTLE_MS = 16_000;
const IDLE_MS = 10_000;

/** Memory after everything before it, and CPU while nothing happens. Linux only. */
export async function footprint(stage: Stage): Promise<readonly Figure[]> {
  const { pid, nodePid } = await stage.pids();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const before = await cpuMs(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idle = ((await cpuMs(pid)) - before) / IDLE_MS;
  return [
    {
      section: 'footprint',
      name: 'Parley, resident',
      value: await residentMb(pid),
      unit: 'MB',
      target: { sign: '<=', value: 120 },
    },
    {
      section: 'footprint',
      name: 'nats-server, resident',
      value: await residentMb(nodePid),
      unit: 'MB',
      target: { sign: '<=', value: 60 },
    },
    {
      section: 'footprint',
      name: 'Parley, idle CPU',
      value: idle * 100,
      unit: '% of a core',
      target: { sign: '<=', value: 1 },
    },
  ];
}
