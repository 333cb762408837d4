import { ParleyError } from '../../src/errors.js';
import type { Answer, Call } from '../call.js';
import { type Access, type Act, type Audit, CommandError, type Scope } from '../command.js';
import { originOf } from '../origin.js';

export interface DoneParts {
  readonly access: Access;
  readonly audit: Audit;
}

export interface Deed {
  readonly target: string;
  readonly scope: Scope;
  /** Default: named as the command. */
  readonly permission?: string;
  readonly detail?: Act['detail'];
  readonly act: () => Promise<readonly string[]>;
}

/** Does it if the caller may there, and has it on record, done or not. */
export async function done({ access, audit }: DoneParts, call: Call, deed: Deed): Promise<Answer> {
  const { command, caller, id } = call;
  const { target, scope, permission = command, detail = {} } = deed;
  const record = (outcome: Act['outcome'], more: Act['detail']) =>
    audit({
      actor: caller.author,
      name: caller.name,
      from: originOf(caller),
      action: command,
      target,
      scope,
      detail: { call: id, ...detail, ...more },
      outcome,
    });
  const refusal = access.refusal(caller, permission, scope);
  if (refusal !== null) {
    await record('refused', { reason: refusal });
    throw new CommandError(refusal);
  }
  try {
    const lines = await deed.act();
    await record('done', {});
    return { lines };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    await record('failed', { reason: error.message });
    throw sentenceOf(error);
  }
}

/** For the caller: what happened, and what to do next. */
export function sentenceOf(error: ParleyError): CommandError {
  return new CommandError([error.message, error.fix].filter((part) => part !== undefined).join('. '));
}

/** Throws CommandError. */
export function named(word: string | undefined, what: string): string {
  if (word !== undefined && word !== '') return word;
  throw new CommandError(`Which ${what}? "help" tells how the command is used.`);
}
