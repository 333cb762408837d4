/**
 * Keeps messages of one pull consumer on order, and hands over what comes the moment it is read from the socket.
 * `consume()` of nats.js would queue them behind an iterator, and give up on a consumer that is recreated.
 */
import { createInbox, JSONCodec, type Msg, type NatsConnection, nanos, type Subscription } from 'nats';
import { pullSubject } from './subjects.js';

const BATCH = 1000;
/**
 * Shorter than a lease, because the server goes on sending to a frozen or vanished machine until its last request
 * expires: then nothing is on its way there any more when the next owner begins.
 */
const EXPIRES_MS = 2500;
/** An order ran out and nobody said so: the consumer lost its leader, or we were asleep. */
const SILENT_MS = 3500;

const codec = JSONCodec();

export interface PullListener {
  message(message: Msg): void;
  /** The consumer has nothing more for us right now (an order expired). */
  quiet(): void;
  /** The consumer is gone or does not answer: this pull is over. */
  lost(reason: string): void;
  /** False: nothing is ordered. */
  mayOrder(): boolean;
}

export class Pull {
  readonly #nats: NatsConnection;
  readonly #subject: string;
  readonly #listener: PullListener;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #watchdog: NodeJS.Timeout;
  #ordered = 0;
  #heardAt = performance.now();
  #flowing = false;
  #stopped = false;

  constructor(nats: NatsConnection, stream: string, consumer: string, listener: PullListener) {
    this.#nats = nats;
    this.#subject = pullSubject(stream, consumer);
    this.#listener = listener;
    this.#subscription = nats.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null) this.#received(message);
        else this.#lose(error.message);
      },
    });
    this.#watchdog = setInterval(() => this.#watch(), 1000).unref();
  }

  /** Orders exactly one message. */
  one(): void {
    this.#order(1);
  }

  /** From now on keeps a batch on order. */
  flow(): void {
    this.#flowing = true;
    this.#reorder();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#watchdog);
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  #received(message: Msg): void {
    if (this.#stopped) return;
    this.#heardAt = performance.now();
    if (message.reply === '' || message.reply === undefined) {
      this.#status(message);
      return;
    }
    this.#ordered -= 1;
    this.#listener.message(message);
    this.#reorder();
  }

  #status(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) {
      this.#listener.quiet();
    } else if (code === 408 || code === 404) {
      const unfilled = Number(message.headers?.get('Nats-Pending-Messages') ?? 0);
      this.#ordered = Math.max(0, this.#ordered - unfilled);
      this.#listener.quiet();
      this.#reorder();
    } else {
      this.#lose(`${code} ${message.headers?.description ?? ''}`);
    }
  }

  #reorder(): void {
    if (this.#flowing && this.#ordered <= BATCH / 2) this.#order(BATCH - this.#ordered);
  }

  #order(batch: number): void {
    if (this.#stopped || this.#nats.isClosed() || !this.#listener.mayOrder()) return;
    this.#ordered += batch;
    const request = { batch, expires: nanos(EXPIRES_MS) };
    this.#nats.publish(this.#subject, codec.encode(request), { reply: this.#inbox });
  }

  #watch(): void {
    if (this.#ordered > 0 && performance.now() - this.#heardAt > SILENT_MS) this.#lose('no answer');
  }

  #lose(reason: string): void {
    if (this.#stopped) return;
    this.stop();
    this.#listener.lost(reason);
  }
}
