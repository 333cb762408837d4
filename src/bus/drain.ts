/**
 * Brings the spool back to the stream: reads a bounded piece of it, in order, gives it to the publisher, confirms what
 * the stream has, reads on.
 *
 * What was sent before the connection was lost may be in the stream, which forgets ids after two minutes. After so long
 * those few are looked up in the log first, and only what is not there is sent again. What that cannot see: events whose
 * answers were lost just before the stream had no leader for so long, while the connection held. They are stored twice.
 */
import { type ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Connection } from './connection.js';
import type { Unconfirmed } from './line.js';
import type { Publisher } from './publisher.js';
import type { Spool, SpooledEvent } from './spool/spool.js';
import type { DrainOutcome, Stored } from './types.js';

/** Read and not confirmed, at most. */
const WINDOW_EVENTS = 1024;
const WINDOW_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 1000;
/** The stream's own memory of ids is 120 s. */
const LOOK_UP_AFTER_MS = 100_000;
/** The server's clock may be behind ours. */
const CLOCK_MARGIN_MS = 5 * 60_000;

export interface DrainOptions {
  readonly spool: Spool;
  readonly publisher: Publisher;
  readonly connection: Connection;
  readonly log: Logger;
  /** Ids that the log has of a subject, stored since then (ms since 1970). */
  readonly idsSince: (subject: string, sinceMs: number) => Promise<ReadonlySet<string>>;
  readonly onOutcome: (id: string, outcome: DrainOutcome) => void;
  /** Called when all that can be read is handed over. */
  readonly onHandedOver: () => void;
}

export class Drain {
  readonly #options: DrainOptions;
  #feeding: Promise<void> | null = null;
  /** Counts resets: what was read before one is read again. */
  #epoch = 0;
  #retry: NodeJS.Timeout | null = null;
  #refused = 0;
  #events = 0;
  #stopped = true;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** Events that the stream refused for good. */
  get refused(): number {
    return this.#refused;
  }

  /** All of the spool is on its way. */
  get isHandedOver(): boolean {
    return this.#feeding === null && this.#options.spool.isRead;
  }

  /** Takes everything back from the publisher, begins with the oldest again, and with one event alone. */
  reset(): readonly Unconfirmed[] {
    const { publisher, spool } = this.#options;
    this.#stopped = false;
    this.#epoch += 1;
    const taken = publisher.withdraw();
    spool.rewind();
    return taken;
  }

  /** Resolves once the publisher has as much of the spool as it may hold. */
  feed(): Promise<void> {
    const { connection, log, onHandedOver } = this.#options;
    if (this.#stopped || this.#retry !== null || connection.state !== 'connected') return Promise.resolve();
    this.#feeding ??= this.#feed().then(
      () => {
        this.#feeding = null;
        onHandedOver();
      },
      (error: unknown) => {
        this.#feeding = null;
        log.warn('cannot drain the spool yet', { reason: reasonOf(error), retryMs: RETRY_MS });
        this.#retry = setTimeout(() => {
          this.#retry = null;
          void this.feed();
        }, RETRY_MS).unref();
      },
    );
    return this.#feeding;
  }

  /** Events go direct: nothing more is read. What was handed over is still confirmed. */
  stop(): void {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  async close(): Promise<void> {
    this.stop();
    this.#epoch += 1;
    await this.#feeding;
  }

  async #feed(): Promise<void> {
    const { publisher, spool } = this.#options;
    while (publisher.unstored < WINDOW_EVENTS / 2 && publisher.unstoredBytes < WINDOW_BYTES) {
      const epoch = this.#epoch;
      try {
        const batch = await spool.read(WINDOW_EVENTS - publisher.unstored, WINDOW_BYTES);
        const known = await this.#known(batch);
        if (epoch === this.#epoch) for (const event of batch) this.#handOver(event, known);
        if (batch.length === 0) return;
      } catch (error) {
        // Spooling, the publisher has nothing that the spool has not.
        if (epoch === this.#epoch) this.reset();
        throw error;
      }
      // The publisher has nothing of it: it was emptied after the batch was read, or while it was.
      if (epoch !== this.#epoch) spool.rewind();
      if (this.#stopped) return;
    }
  }

  /** Which of them the log has although its answer was lost. Throws when the log cannot be asked. */
  async #known(batch: readonly SpooledEvent[]): Promise<ReadonlySet<string>> {
    const { idsSince } = this.#options;
    const now = Date.now();
    const since = new Map<string, number>();
    for (const { subject, time, sentAt } of batch) {
      const first = sentAt ?? now;
      if (now - first > LOOK_UP_AFTER_MS) since.set(subject, Math.min(time, since.get(subject) ?? time));
    }
    const known = [...since].map(([subject, time]) => idsSince(subject, time - CLOCK_MARGIN_MS));
    return new Set((await Promise.all(known)).flatMap((ids) => [...ids]));
  }

  #handOver(event: SpooledEvent, known: ReadonlySet<string>): void {
    const { publisher, spool } = this.#options;
    const { id, subject, data } = event;
    const reject = (error: ParleyError) => this.#refusedForGood(event, error);
    const resolve = ({ duplicate }: Stored) => this.#settled(event, duplicate ? 'duplicate' : 'stored');
    const refusal = publisher.refusal(id, data);
    if (known.has(id)) this.#settled(event, 'duplicate');
    else if (refusal !== null) reject(refusal);
    else {
      event.sentAt ??= Date.now();
      const saidBy = () => spool.saidBy(id);
      publisher.put({ id, subject, data, resolve, reject, isSpooled: true, saidBy });
    }
  }

  #settled(event: SpooledEvent, outcome: DrainOutcome): void {
    const { publisher, spool, log, onOutcome } = this.#options;
    this.#events += 1;
    spool.confirm(event);
    if (spool.events === 0) {
      log.info('the spool is drained', { events: this.#events });
      this.#events = 0;
    }
    onOutcome(event.id, outcome);
    if (publisher.unstored < WINDOW_EVENTS / 2) void this.feed();
  }

  #refusedForGood(event: SpooledEvent, error: ParleyError): void {
    // Only a connection that is closed, by us, makes it so: the event stays where it is.
    if (error.code === 'BACKBONE_UNAVAILABLE') return;
    const { spool, log } = this.#options;
    const { id: eventId, subject } = event;
    this.#refused += 1;
    log.error('the log refuses an event of the spool: it is set aside', {
      eventId,
      subject,
      reason: error.message,
    });
    // Not set aside, it stays in the spool, and is tried again at the next start.
    spool.setAside(event, error.message).then(
      () => this.#settled(event, 'refused'),
      (cause: unknown) => log.error('cannot set an event aside', { eventId, reason: reasonOf(cause) }),
    );
  }
}
