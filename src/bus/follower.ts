import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { LoggedEvent, Subscription } from './types.js';

/** One follower: where it is, and whom to call. */
export class Follower implements Subscription {
  readonly closed: Promise<void>;
  readonly #handler: (event: LoggedEvent) => void;
  readonly #log: Logger;
  readonly #leave: (follower: Follower) => void;
  at: number;
  ended = false;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    at: number,
    handler: (event: LoggedEvent) => void,
    log: Logger,
    leave: (follower: Follower) => void,
  ) {
    this.at = at;
    this.#handler = handler;
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
    try {
      this.#handler(event);
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
