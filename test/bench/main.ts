/** `npm run bench [-- section…] [-- --json]`: every figure of one run, on this machine, against the floor of the same run. */
import { writeFile } from 'node:fs/promises';
import { access } from './access.js';
import { cluster } from './cluster.js';
import { commands } from './commands.js';
import { flood } from './flood.js';
import { footprint } from './footprint.js';
import { latency } from './latency.js';
import { recovery } from './recovery.js';
import { type Figure, formatFigures, isMet } from './report.js';
import { scale } from './scale.js';
import { type Stage, startStage } from './stage.js';
import { throughput } from './throughput.js';

const SECTIONS: Readonly<Record<string, (stage: Stage) => Promise<readonly Figure[]>>> = {
  recovery,
  latency,
  throughput,
  flood,
  footprint,
  commands,
  access: async () => access(),
  cluster: () => cluster(),
  scale: (stage) => scale((name, text) => stage.write(name, text)),
};

async function run(wanted: readonly string[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const stage = await startStage();
  try {
    for (const [name, section] of Object.entries(SECTIONS)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      process.stderr.write(`${name} …\n`);
      figures.push(...(await section(stage)));
    }
  } finally {
    await stage.stop();
  }
  return figures;
}

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(', ')}; there are: ${Object.keys(SECTIONS).join(', ')}`);
  process.exit(2);
}
const figures = await run(wanted);
const json = JSON.stringify({ node: process.version, figures }, null, 2);
if (args.includes('--json')) console.log(json);
else console.log(formatFigures(figures));
await writeFile('bench.log', `${json}\n`);
process.exit(figures.every(isMet) ? 0 : 1);
