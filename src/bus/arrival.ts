/**
 * Coming to a backbone that may be away: connect, find its log good, and again until both are done. What is wrong is said
 * once for each reason; what a person must mend is tried again too, for it may be mended on the other side.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Absence } from './types.js';

const AGAIN_MS = 250;
const LONGEST_AGAIN_MS = 2000;

export class Arrival {
  readonly #attempt: () => Promise<void>;
  readonly #log: Logger;
  readonly #ending = new AbortController();
  readonly #since = new Date();
  #fault: ParleyError | null = null;

  /** `attempt` resolves once the backbone can be used, and is not called again then. */
  constructor(attempt: () => Promise<void>, log: Logger) {
    this.#attempt = attempt;
    this.#log = log;
  }

  /** Why it is not there yet. */
  get absence(): Absence {
    const { code = null, message: reason = 'not reached yet' } = this.#fault ?? {};
    return { since: this.#since.toISOString(), code, reason };
  }

  /** Once. Throws what is wrong. */
  async now(): Promise<void> {
    await this.#attempt();
  }

  /**
   * Resolves once it is there, after `withinMs` at the latest, and sooner when it is away; then it is tried on. Throws what
   * only a person can mend: BACKBONE_DENIED, BACKBONE_CONFLICT, BACKBONE_UNFIT.
   */
  async begin(withinMs: number): Promise<void> {
    const first = this.#attempt();
    const outcome = await Promise.race([
      first.then(
        () => null,
        (error: unknown) => faultOf(error),
      ),
      pause(withinMs, late(withinMs), { signal: this.#ending.signal, ref: false }).catch(() => null),
    ]);
    if (outcome === null) return;
    if (outcome.code !== 'BACKBONE_UNAVAILABLE') throw outcome;
    this.#report(outcome);
    void this.#goOn(first);
  }

  /** What is under way finds a closed connection. */
  end(): void {
    this.#ending.abort();
  }

  async #goOn(first: Promise<void>): Promise<void> {
    let attempt = first;
    const { signal } = this.#ending;
    for (let waitMs = AGAIN_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_AGAIN_MS)) {
      try {
        await attempt;
        if (!signal.aborted)
          this.#log.info('the backbone is there', { awaySince: this.#since.toISOString() });
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#report(faultOf(error));
      }
      await pause(waitMs, undefined, { signal, ref: false }).catch(() => {});
      attempt = signal.aborted ? Promise.resolve() : this.#attempt();
    }
  }

  #report(fault: ParleyError): void {
    const isNew = fault.code !== this.#fault?.code || fault.message !== this.#fault.message;
    this.#fault = fault;
    if (!isNew) return;
    const { code, message: reason, fix } = fault;
    if (code === 'BACKBONE_UNAVAILABLE') this.#log.warn('the backbone is away', { code, reason, fix });
    else this.#log.error('the backbone is there, and cannot be used', { code, reason, fix });
  }
}

function faultOf(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError('BACKBONE_UNAVAILABLE', reasonOf(error), { cause: error });
}

function late(ms: number): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', `no answer within ${ms} ms`, {
    fix: 'Check that the nats-server runs and does not hang.',
  });
}
