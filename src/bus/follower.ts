import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { LoggedEvent, LoggedId, Subscription } from './types.js';

/** Whom to call. */
export interface FollowerCalls {
  readonly handler: (event: LoggedEvent) => void;
  readonly looked?: ((ids: readonly LoggedId[]) => void) | undefined;
}

/** One follower, and where it is. */
export class Follower implements Subscription {
  readonly closed: Promise<void>;
  readonly #calls: FollowerCalls;
  readonly #log: Logger;
  readonly #leave: (follower: Follower) => void;
  /** It wants nothing up to there. */
  readonly #begin: number;
  at: number;
  ended = false;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(at: number, calls: FollowerCalls, log: Logger, leave: (follower: Follower) => void) {
    this.at = at;
    this.#begin = at;
    this.#calls = calls;
    this.#log = log;
    this.#leave = leave;
    this.closed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Not everybody waits for it.
    this.closed.catch(() => {});
  }

  give(event: LoggedEvent): void {
    if (this.ended || event.sequence <= this.at) return;
    this.at = event.sequence;
    this.#call(event);
  }

  giveLate({ sequence, event }: LoggedEvent): void {
    if (!this.ended && sequence > this.#begin) this.#call({ sequence, event, late: true });
  }

  looked(ids: readonly LoggedId[]): void {
    if (!this.ended) this.#calls.looked?.(ids);
  }

  #call(event: LoggedEvent): void {
    try {
      this.#calls.handler(event);
    } catch (error) {
      this.#log.error('a follower failed', { sequence: event.sequence, reason: reasonOf(error) });
    }
  }

  stop(): Promise<void> {
    this.end(null);
    return Promise.resolve();
  }

  end(error: Error | null): void {
    if (this.ended) return;
    this.ended = true;
    this.#leave(this);
    if (error === null) this.#resolve();
    else this.#reject(error);
  }
}
