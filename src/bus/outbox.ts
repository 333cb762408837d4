/**
 * Where events wait until the stream has them: in memory while the backbone answers, on disk while it does not.
 *
 * Problem: a healthy backbone must not cost a disk write here, yet what is accepted during an outage must survive this
 * process, in order. Idea: two states. `direct`: events go to the publisher and nowhere else. `spooling`: everything
 * unconfirmed and all that follows goes to the spool and is accepted once it is there; the publisher gets only what is
 * read back from the spool, in order, a bounded piece at a time, and tries with its first one. When all of the spool is
 * handed over and the stream takes it, new events go direct again, behind it in the same line.
 * Why it is safe: spooling, the publisher holds nothing that the spool has not. What is sent twice has the same id.
 * How the spool is brought back, and what that cannot see: drain.ts.
 */
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Connection } from './connection.js';
import { Drain, type DrainOptions } from './drain.js';
import type { Outgoing } from './line.js';
import { Publisher } from './publisher.js';
import { type Spool, type SpoolItem, sizeOf } from './spool/spool.js';
import type { BusState, DrainOutcome, SpoolStatus, Stored } from './types.js';

/** Written and synced at once, at most. */
const BATCH_EVENTS = 4096;
const RETRY_MS = 1000;
const POLL_MS = 20;

type Pending = Outgoing & SpoolItem;

export interface OutboxOptions extends Pick<DrainOptions, 'connection' | 'log' | 'idsSince'> {
  readonly spool: Spool | null;
  /** Called when events begin to wait although there is a connection. */
  readonly held: () => void;
}

export class Outbox {
  readonly #publisher: Publisher;
  readonly #connection: Connection;
  readonly #spool: Spool | null;
  readonly #log: Logger;
  readonly #drain: Drain | null;
  readonly #drained: ((id: string, outcome: DrainOutcome) => void)[] = [];
  #isSpooling = false;
  /** Accepted by nobody yet: to be written. */
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #blocked: string | null = null;
  /** Something was refused since it last took an event. */
  #isFull = false;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor({ connection, spool, log, held, idsSince }: OutboxOptions) {
    this.#connection = connection;
    this.#spool = spool;
    this.#log = log;
    const stalled = (reason: string) => {
      if (!this.#isSpooling) this.#begin(reason);
    };
    const publisher = new Publisher(connection, log, { held, stalled });
    this.#publisher = publisher;
    this.#drain =
      spool === null
        ? null
        : new Drain({
            spool,
            publisher,
            connection,
            log,
            idsSince,
            onOutcome: (id, outcome) => {
              for (const listener of this.#drained) listener(id, outcome);
            },
            onHandedOver: () => {
              if (this.#writing === null) this.#goDirect();
            },
          });
    connection.onState((state) => this.#stateChanged(state));
    if (spool !== null && spool.events > 0) this.#begin('an earlier run left events in it');
  }

  get unstored(): number {
    const unspooled = this.#publisher.unstored;
    if (this.#spool === null) return unspooled;
    // What is read back from the spool counts in both.
    return this.#pending.length + Math.max(this.#isSpooling ? 0 : unspooled, this.#spool.events);
  }

  get accepting(): boolean {
    const spool = this.#spool;
    if (spool === null || this.#goesDirect) return this.#publisher.accepting;
    return !this.#closed && this.#blocked === null && spool.bytes + this.#pendingBytes < spool.maxBytes;
  }

  get spool(): SpoolStatus | null {
    const spool = this.#spool;
    if (spool === null) return null;
    const { events, bytes, maxBytes, oldest, damaged } = spool;
    const since = oldest === null ? null : new Date(oldest).toISOString();
    const blocked = this.accepting ? null : (this.#blocked ?? 'it is full');
    return { events, bytes, maxBytes, since, blocked, refused: this.#drain?.refused ?? 0, damaged };
  }

  onDrained(listener: (id: string, outcome: DrainOutcome) => void): void {
    this.#drained.push(listener);
  }

  noteSaid(network: string, id: string): void {
    this.#spool?.noteSaid(network, id);
  }

  saidBefore(network: string): ReadonlySet<string> {
    return this.#spool?.saidBefore(network) ?? new Set();
  }

  publish(id: string, subject: string, data: Uint8Array): Promise<Stored> {
    if (this.#spool === null || this.#goesDirect) return this.#publisher.publish(id, subject, data);
    return this.#keep(this.#spool, { id, subject, data, time: Date.now(), maybeStored: false });
  }

  /** Waits up to `graceMs` for the stream; what it does not take then stays in the spool, or is rejected without one. */
  async close(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    if (this.#spool !== null) {
      if (!this.#isSpooling) await this.#publisher.emptied(graceMs);
      if (!this.#isSpooling && this.#publisher.unstored > 0) this.#begin('the gateway stops');
      while (this.unstored > 0 && this.#publisher.isOpen && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      this.#stopRetrying();
      await this.#write(this.#spool);
    }
    this.#closed = true;
    this.#stopRetrying();
    for (const { reject } of this.#pending) reject(stopped());
    await this.#drain?.close();
    await this.#publisher.close(this.#spool === null ? graceMs : 0);
    await this.#spool?.close();
  }

  /** The hot path: nothing is in the spool, or all of it is on its way. */
  get #goesDirect(): boolean {
    return !this.#isSpooling && this.#connection.state === 'connected' && this.#publisher.accepting;
  }

  #keep(spool: Spool, item: SpoolItem): Promise<Stored> {
    const refusal = this.#refusal(spool, item);
    if (refusal !== null) return Promise.reject(refusal);
    if (!this.#isSpooling) {
      this.#begin(this.#connection.state === 'connected' ? 'memory is full' : this.#connection.state);
    }
    return new Promise((resolve, reject) => {
      this.#push({ ...item, resolve, reject });
      void this.#write(spool);
    });
  }

  #refusal(spool: Spool, item: SpoolItem): ParleyError | null {
    if (this.#closed) return stopped();
    const refusal = this.#publisher.refusal(item.id, item.data);
    if (refusal !== null) return refusal;
    const isFull = spool.bytes + this.#pendingBytes + sizeOf(item) > spool.maxBytes;
    if (!isFull && this.#blocked === null) return null;
    if (isFull && !this.#isFull)
      this.#log.error('the spool is full: new events are refused', { ...this.spool });
    this.#isFull ||= isFull;
    const why = this.#blocked ?? 'it is full';
    return new ParleyError('OUTBOX_FULL', `the spool takes no more: ${why} (${this.unstored} events wait)`, {
      fix: 'Bring the backbone back, or make room on the disk; until then new events are refused.',
    });
  }

  #stateChanged(state: BusState): void {
    if (this.#isSpooling) {
      // Lost or found again: from the oldest on, and with one event alone.
      this.#drain?.reset();
      void this.#drain?.feed();
    } else if (state !== 'connected' && this.#publisher.unstored > 0) this.#begin(state);
  }

  #begin(reason: string): void {
    const spool = this.#spool;
    if (spool === null) return;
    this.#isSpooling = true;
    for (const event of this.#drain?.reset() ?? []) {
      if (!event.isSpooled) this.#push({ ...event, time: Date.now(), maybeStored: event.sent });
    }
    this.#log.warn('events go to the spool', { reason, unstored: this.unstored });
    void this.#write(spool);
  }

  #push(event: Pending): void {
    this.#pending.push(event);
    this.#pendingBytes += sizeOf(event);
  }

  /** Resolves once nothing more can be written now. */
  #write(spool: Spool): Promise<void> {
    this.#writing ??= this.#writeAll(spool).finally(() => {
      this.#writing = null;
      void this.#drain?.feed();
    });
    return this.#writing;
  }

  async #writeAll(spool: Spool): Promise<void> {
    // What comes in the same turn is one batch.
    await null;
    while (this.#isSpooling && this.#pending.length > 0 && this.#retry === null) {
      const batch = this.#pending.slice(0, BATCH_EVENTS);
      const count = spool.fitting(batch);
      if (count === 0) return this.#block('it is full');
      try {
        await spool.append(batch.slice(0, count));
      } catch (error) {
        return this.#block(reasonOf(error));
      }
      this.#accepted(this.#pending.splice(0, count));
      // Or a steady stream of events would never see all of it on its way.
      if (this.#publisher.isOpen) await this.#drain?.feed();
      this.#goDirect();
    }
  }

  #accepted(batch: readonly Pending[]): void {
    if (this.#blocked !== null || this.#isFull) this.#log.info('the spool takes events again');
    this.#blocked = null;
    this.#isFull = false;
    for (const event of batch) {
      this.#pendingBytes -= sizeOf(event);
      event.resolve({ sequence: 0, duplicate: false, spooled: true });
    }
  }

  /** What was to be written stays in memory and open; nothing new is taken. */
  #block(reason: string): void {
    if (this.#blocked !== reason)
      this.#log.error('the spool takes no more', { reason, unstored: this.unstored });
    this.#blocked = reason;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      if (this.#spool !== null) void this.#write(this.#spool);
    }, RETRY_MS).unref();
  }

  #stopRetrying(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** Once all of the spool is on its way and the stream takes it. What waits to be written need not be any more. */
  #goDirect(): void {
    const isReady = this.#isSpooling && !this.#closed && this.#drain?.isHandedOver === true;
    if (!isReady || !this.#publisher.isOpen || this.#connection.state !== 'connected') return;
    this.#isSpooling = false;
    this.#drain?.stop();
    this.#blocked = null;
    this.#isFull = false;
    this.#stopRetrying();
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (const event of pending) this.#publisher.put(event);
    this.#log.info('events go straight to the log again', { unstored: this.unstored });
  }
}

function stopped(): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', 'the gateway stopped before the event was stored', {
    fix: 'Start the gateway and its backbone again, then send the event again.',
  });
}
