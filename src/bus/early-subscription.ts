import type { NatsConnection, Subscription, SubscriptionOptions } from 'nats';

export interface Listening {
  /** Once is enough. */
  stop(): void;
  /** Settles once: rejects when the subscription ended on its own. */
  readonly closed: Promise<void>;
}

export function listeningTo(subscription: Subscription): Listening {
  const closed = subscription.closed.then(() => undefined);
  // Not everybody waits for it.
  closed.catch(() => {});
  return {
    closed,
    stop: () => {
      if (!subscription.isClosed()) subscription.unsubscribe();
    },
  };
}

/** Asked for while there is no connection, made when there is one. */
export class EarlySubscription implements Listening {
  readonly closed: Promise<void>;
  readonly #subject: string;
  readonly #options: SubscriptionOptions;
  readonly #forget: () => void;
  #settle: (ended: Promise<void> | undefined) => void = () => {};
  #real: Listening | null = null;

  constructor(subject: string, options: SubscriptionOptions, forget: () => void) {
    this.#subject = subject;
    this.#options = options;
    this.#forget = forget;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.closed.catch(() => {});
  }

  begin(nats: NatsConnection): void {
    this.#real = listeningTo(nats.subscribe(this.#subject, this.#options));
    this.#settle(this.#real.closed);
  }

  stop(): void {
    this.#forget();
    if (this.#real !== null) this.#real.stop();
    else this.#settle(undefined);
  }
}
