/** Says what went wrong: the message, then what to do. A stack is for `--debug` only. */
import { CommanderError } from 'commander';
import { ParleyError, reasonOf } from '../errors.js';
import { EXIT, exitCodeOf } from './exit.js';

export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
}

/** Null: not a failure, commander has printed help or the version. */
export function failureOf(error: unknown, usage: string): Failure | null {
  if (error instanceof CommanderError) return ofCommander(error, usage);
  if (error instanceof ParleyError) {
    return {
      exitCode: exitCodeOf(error.code),
      code: error.code,
      message: error.message,
      fix: error.fix ?? null,
    };
  }
  return {
    exitCode: EXIT.internal,
    code: 'INTERNAL',
    message: `Unexpected: ${reasonOf(error)}`,
    fix: 'Run it again with --debug and report what it prints.',
  };
}

function ofCommander(error: CommanderError, usage: string): Failure | null {
  if (error.exitCode === 0) return null;
  const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  return {
    exitCode: EXIT.usage,
    code: 'USAGE',
    message: error.code === 'commander.help' ? 'A command is missing.' : message,
    fix: `See \`${usage} --help\`.`,
  };
}

export function describeFailure(failure: Failure): string {
  const fix = failure.fix === null ? '' : `\nfix: ${failure.fix}`;
  // Faults of a config begin with their place, one per line: editors jump to it.
  const message = failure.code === 'CONFIG_INVALID' ? failure.message : `parley: ${failure.message}`;
  return `${message}${fix}`;
}

/** The stack and those of its causes. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
