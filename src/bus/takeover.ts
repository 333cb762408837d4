import type { ConsumerInfo } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { NetworkConsumer } from './consumer.js';
import type { Delivered } from './deliveries.js';
import type { Pull } from './pull.js';

/** The server's own delay is 100 ms. */
const FIRST_TIMEOUT_MS = 400;
const ATTEMPTS = 10;
/** How long the server may take to offer the rest although it has offered something else. */
const DOUBT_MS = 100;
const DOUBTS = 5;

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
  /** How many of those were delivered before. */
  #taken = 0;
  #doubts = 0;
  #timer: NodeJS.Timeout | null = null;
  #attempt = 0;
  #stopped = false;
  /**
   * `offering`: waits for the first event. `settling`: restores the consumer. `flowing`: collects the rest.
   * `doubting`: the server goes on to other things although some are missing.
   */
  #phase: 'offering' | 'settling' | 'flowing' | 'doubting' | 'over' = 'offering';

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

  /** True: it is kept until all unacknowledged ones are here. */
  take(delivered: Delivered): boolean {
    if (this.#phase === 'over') return false;
    const { sequence } = delivered.ack;
    if (!this.#collected.has(sequence) && sequence <= this.#delivered) this.#taken += 1;
    this.#collected.set(sequence, delivered);
    if (this.#phase === 'offering') this.#settle();
    if (this.#taken >= this.#expected) this.#finish();
    else if (sequence > this.#delivered) this.#doubt();
    return true;
  }

  /** The server has nothing more for us right now. */
  quiet(): void {
    if (this.#phase === 'flowing') this.#doubt();
  }

  /**
   * The server should send new ones only behind all others, so the missing ones fell out of the log meanwhile. But a
   * server that is shutting down skips some: handed over now, what follows them would be out of order.
   */
  #doubt(): void {
    if (this.#phase === 'doubting' || this.#phase === 'over') return;
    this.#phase = 'doubting';
    this.#timer = setTimeout(() => {
      this.#verify().catch((error: unknown) => this.#fail(error));
    }, 0);
  }

  async #verify(): Promise<void> {
    const { size } = this.#collected;
    const info = await this.#consumer.info();
    if (this.#phase !== 'doubting') return;
    if (info === null) throw new Error('the consumer is gone');
    if (info.num_ack_pending <= this.#collected.size || this.#doubts >= DOUBTS) {
      this.#finish();
      return;
    }
    this.#doubts = this.#collected.size > size ? 0 : this.#doubts + 1;
    this.#timer = setTimeout(() => {
      this.#verify().catch((error: unknown) => this.#fail(error));
    }, DOUBT_MS);
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
        if (!this.#stopped) this.#pull.flow();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #finish(): void {
    if (this.#phase === 'offering') this.#settle();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#phase = 'over';
    const messages = [...this.#collected.values()];
    messages.sort((one, other) => one.ack.sequence - other.ack.sequence);
    this.#log.info('took over unacknowledged events', { events: this.#taken, expected: this.#expected });
    this.#listener.finished(messages);
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#listener.failed(reasonOf(error));
  }
}
