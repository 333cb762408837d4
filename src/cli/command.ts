/** A command is data: its help, its completion and its page in docs/cli.md come from one place. */
import type { Command } from 'commander';
import type { CliContext } from './context.js';
import { Output } from './output.js';

export interface CommandSpec<Options extends object = object> {
  /** With its arguments: `tail <room>`. */
  readonly name: string;
  readonly summary: string;
  /** What to know beside the summary. */
  readonly details?: string;
  /** Command line without `parley`, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  readonly options?: readonly OptionSpec[];
  /** Runs when its group is named alone: `owners` is `owners list`. */
  readonly isDefault?: boolean;
  /** Resolves with the exit code. */
  run(io: Io, args: readonly string[], options: Options & CommonOptions): Promise<number>;
}

/** Flags as commander reads them (`-n, --lines <count>`), description, default. */
export type OptionSpec = readonly [flags: string, description: string, fallback?: string];

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

export interface Io {
  readonly context: CliContext;
  readonly out: Output;
}

export interface CommandHost {
  readonly context: CliContext;
  finished(exitCode: number): void;
}

const COMMON: readonly OptionSpec[] = [
  ['-c, --config <file>', 'config file or URL (default: $PARLEY_CONFIG, parley.yaml, config/parley.yaml)'],
  ['--json', 'answer in JSON on stdout'],
  ['--debug', 'show stack traces and debug logs'],
];

export function addCommand<Options extends object>(
  parent: Command,
  host: CommandHost,
  spec: CommandSpec<Options>,
): void {
  const command = parent.command(spec.name, { isDefault: spec.isDefault === true }).summary(spec.summary);
  command.description([spec.summary, spec.details].filter(Boolean).join('\n\n'));
  for (const [flags, description, fallback] of [...(spec.options ?? []), ...COMMON]) {
    command.option(flags, description, fallback);
  }
  command.addHelpText('after', examplesOf(spec.examples));
  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const io = { context: host.context, out: new Output(host.context, options.json === true) };
    host.finished(await spec.run(io, command.processedArgs.flat().filter(isText), options));
  });
}

function examplesOf(examples: CommandSpec['examples']): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, does]) => `  parley ${line.padEnd(width)}  # ${does}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
