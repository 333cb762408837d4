/**
 * Privileged acts, on record before they are done: should the process end in between, the record says too much, never
 * too little.
 */
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import type { Caller } from '../call.js';
import { type Act, type Audit, CommandError } from '../command.js';
import { originOf } from '../origin.js';

export type Deed = Pick<Act, 'action' | 'target' | 'scope' | 'detail'>;

export const NO_SCOPE = { network: null, room: null } as const;

export class Record {
  readonly #audit: Audit;
  readonly #log: Logger;

  constructor(audit: Audit, log: Logger) {
    this.#audit = audit;
    this.#log = log;
  }

  /** Throws CommandError, and does nothing, when the act cannot be put on record; else what `doing` throws. */
  async did(caller: Caller, deed: Deed, doing: () => Promise<void>): Promise<void> {
    try {
      await this.#audit(actOf(caller, deed, 'done'));
    } catch (error) {
      this.#log.error('an act was not put on record, so it was not done', {
        action: deed.action,
        reason: reasonOf(error),
      });
      throw new CommandError(
        'That could not be put on record, so nothing was changed. Try again in a moment.',
        {
          cause: error,
        },
      );
    }
    try {
      await doing();
    } catch (error) {
      await this.#note(actOf(caller, deed, 'failed'));
      throw error;
    }
  }

  /** Runs `checks`; what they refuse goes on record. */
  async refusing<Result>(caller: Caller, deed: Deed, checks: () => Result): Promise<Result> {
    try {
      return checks();
    } catch (error) {
      if (error instanceof CommandError) {
        const detail = { ...deed.detail, refusal: error.message };
        await this.#note(actOf(caller, { ...deed, detail }, 'refused'));
      }
      throw error;
    }
  }

  async #note(act: Act): Promise<void> {
    try {
      await this.#audit(act);
    } catch (error) {
      this.#log.warn('an act was not put on record', {
        action: act.action,
        outcome: act.outcome,
        reason: reasonOf(error),
      });
    }
  }
}

function actOf(caller: Caller, deed: Deed, outcome: Act['outcome']): Act {
  const { author, name } = caller;
  return { actor: author, name, from: originOf(caller), ...deed, outcome };
}
