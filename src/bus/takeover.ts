import type { ConsumerInfo } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { NetworkConsumer } from './consumer.js';
import type { Delivered } from './deliveries.js';
import type { Pull } from './pull.js';

/** The server's own delay is 100 ms. */
const FIRST_TIMEOUT_MS = 400;
const ATTEMPTS = 10;

export interface TakeoverListener {
  /** Everything that was unacknowledged, in stream order; called once. */
  finished(messages: readonly Delivered[]): void;
  failed(reason: string): void;
}

/** Collects all events of a consumer that were delivered and never acknowledged. How: see deliveries.ts. */
export class Takeover {
  readonly #consumer: NetworkConsumer;
  readonly #pull: Pull;
  readonly #expected: number;
  /** What comes behind this sequence was never delivered before. */
  readonly #delivered: number;
  readonly #log: Logger;
  readonly #listener: TakeoverListener;
  readonly #collected = new Map<number, Delivered>();
  #timer: NodeJS.Timeout | null = null;
  #attempt = 0;
  #stopped = false;
  /** `offering`: waits for the first event. `settling`: restores the consumer. `flowing`: collects the rest. */
  #phase: 'offering' | 'settling' | 'flowing' | 'over' = 'offering';

  constructor(
    consumer: NetworkConsumer,
    pull: Pull,
    info: ConsumerInfo,
    log: Logger,
    listener: TakeoverListener,
  ) {
    this.#consumer = consumer;
    this.#pull = pull;
    this.#expected = info.num_ack_pending;
    this.#delivered = info.delivered.stream_seq;
    this.#log = log;
    this.#listener = listener;
  }

  start(): void {
    this.#offer().catch((error: unknown) => this.#fail(error));
  }

  stop(): void {
    this.#stopped = true;
    this.#phase = 'over';
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** True: it is one of the unacknowledged and kept until all are here. */
  take(delivered: Delivered): boolean {
    if (this.#phase === 'over') return false;
    if (delivered.ack.sequence > this.#delivered) {
      // The server sends new ones only behind all others: the missing ones fell out of the log meanwhile.
      this.#finish();
      return false;
    }
    this.#collected.set(delivered.ack.sequence, delivered);
    if (this.#phase === 'offering') this.#settle();
    if (this.#collected.size >= this.#expected) this.#finish();
    return true;
  }

  /** The server has nothing more for us right now. */
  quiet(): void {
    if (this.#phase === 'flowing') this.#finish();
  }

  async #offer(): Promise<void> {
    this.#attempt += 1;
    await this.#consumer.offerUnackedAgain();
    if (this.#phase !== 'offering') return;
    if (this.#attempt === 1) this.#pull.one();
    this.#timer = setTimeout(() => {
      this.#inquire().catch((error: unknown) => this.#fail(error));
    }, FIRST_TIMEOUT_MS);
  }

  /** Nothing came: either all unacknowledged ones fell out of the log, or the server is slow. */
  async #inquire(): Promise<void> {
    const info = await this.#consumer.info();
    if (this.#phase !== 'offering') return;
    if (info !== null && info.num_ack_pending === 0) {
      this.#settle();
      this.#finish();
    } else if (this.#attempt < ATTEMPTS) {
      await this.#consumer.settleDown(info);
      await this.#offer();
    } else {
      this.#fail(new Error('the server does not offer the unacknowledged events again'));
    }
  }

  #settle(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#phase = 'settling';
    this.#consumer.settleDown(null).then(
      () => {
        if (this.#phase === 'settling') this.#phase = 'flowing';
        this.#pull.flow();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #finish(): void {
    if (this.#phase === 'offering') this.#settle();
    this.#phase = 'over';
    const messages = [...this.#collected.values()];
    messages.sort((one, other) => one.ack.sequence - other.ack.sequence);
    this.#log.info('took over unacknowledged events', { events: messages.length, expected: this.#expected });
    this.#listener.finished(messages);
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#listener.failed(reasonOf(error));
  }
}
