import type { Command } from 'commander';
import type { CliContext } from './context.js';
import { EXIT } from './exit.js';
import { describeFailure, type Failure, failureOf, stackOf } from './failure.js';
import { Output } from './output.js';
import { createProgram } from './program.js';

/** Runs one command line (without `node` and the script) and resolves with the exit code. Never throws. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram({
    context,
    finished(code) {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    const failure = failureOf(error, usageOf(program, argv));
    if (failure === null) return EXIT.ok;
    report(failure, error, argv, context);
    return failure.exitCode;
  }
}

function report(failure: Failure, error: unknown, argv: readonly string[], context: CliContext): void {
  const { exitCode, ...shown } = failure;
  if (argv.includes('--json')) new Output(context, true).document({ error: shown });
  context.stderr.write(`${describeFailure(failure)}\n`);
  if (argv.includes('--debug')) context.stderr.write(`${stackOf(error)}\n`);
}

/** The deepest command that the line names, for `parley dead list --help`. */
function usageOf(program: Command, argv: readonly string[]): string {
  const names = ['parley'];
  let command: Command = program;
  for (const word of argv) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    names.push(word);
    command = next;
  }
  return names.join(' ');
}
