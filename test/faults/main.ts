/** `npm run test:faults [-- --minutes 5 --seed N --only kill-parley,freeze-nats …]`: docs/faults.md explains it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS } from './faults.js';
import { formatReport, passed, reportOf } from './report.js';
import { type RunOptions, run } from './run.js';

const HELP = `Usage: npm run test:faults [-- options]

Breaks three nodes under load, one fault after the other, and compares what was accepted with what arrived.
Exit code 1 when anything was lost, came out of order or did not recover.

  --minutes <n>   how long faults go on (default 5); each comes once at least
  --seed <n>      repeats the choices of a run that printed it
  --only <names>  these faults only, separated by commas
  --nodes <1|3>   default 3
  --rooms <n>     default 20
  --rate <n>      lines a second (default 200)
  --short         faults that last seconds rather than ten
  --logs <dir>    leaves the result and the logs of all gateways and nats-servers there
  --json          the whole result as JSON on stdout

Faults:
${FAULTS.map(({ name, summary }) => `  ${name.padEnd(14)}  ${summary}`).join('\n')}

Examples:
  npm run test:faults -- --minutes 1
  npm run test:faults -- --only kill-leader,part-node --seed 4711 --json`;

class UsageError extends Error {}

function optionsOf(args: readonly string[]): { readonly run: RunOptions; readonly json: boolean } | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      only: { type: 'string', default: '' },
      nodes: { type: 'string', default: '3' },
      rooms: { type: 'string', default: '20' },
      rate: { type: 'string', default: '200' },
      short: { type: 'boolean', default: false },
      logs: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.filter((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown.length > 0) throw new UsageError(`no fault ${unknown.join(', ')}; see --help`);
  if (values.nodes !== '1' && values.nodes !== '3')
    throw new UsageError(`--nodes: expected 1 or 3, got ${values.nodes}`);
  const options: RunOptions = {
    seed: numberOf('seed', values.seed),
    nodes: values.nodes === '1' ? 1 : 3,
    rooms: numberOf('rooms', values.rooms),
    rate: numberOf('rate', values.rate),
    durationMs: numberOf('minutes', values.minutes) * 60_000,
    only,
    short: values.short,
    logs: values.logs ?? null,
    progress: (line) => void process.stderr.write(`${line}\n`),
  };
  return { run: options, json: values.json };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`--${name}: expected a number, got "${text}"`);
}

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === null) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  process.stderr.write(`seed ${options.run.seed}\n`);
  const teardowns: (() => void | Promise<void>)[] = [];
  const tidy = async () => {
    for (const end of teardowns.splice(0)) await end();
  };
  // Processes would end by themselves; the small disks would stay mounted.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void tidy().finally(() => process.exit(130)));
  }
  try {
    const result = await run({ teardown: (end) => void teardowns.unshift(end) }, options.run);
    if (options.run.logs !== null) {
      await writeFile(join(options.run.logs, 'result.json'), JSON.stringify(reportOf(result), null, 2));
    }
    const text = options.json ? JSON.stringify(reportOf(result), null, 2) : formatReport(result);
    process.stdout.write(`${text}\n`);
    return passed(result) ? 0 : 1;
  } finally {
    await tidy();
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(
      error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE') ? 2 : 1,
    );
  },
);
