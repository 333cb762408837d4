/**
 * Merges the two ways in which an event reaches a network: at once from this process (fast path) and from the log.
 *
 * Problem: the fast path must never overtake older events that are still to come from the log, and nothing may be
 * said twice. Idea: the fast path is open only while the log's consumer is caught up AND no local event is on its
 * detour through the log. A local event that arrives while it is closed takes the detour and keeps it closed until
 * its copy is there. The ledger recognises the second coming of an event by its id.
 * Safe because both ways end in the same queues, and an event enters them only where the ledger did not know it.
 * Not covered: the order between events of two nodes, which nothing defines before the log does.
 */
import type { Delivery } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { ParleyEvent } from '../message/index.js';
import type { DropReason, Routes, SaidOnce, Target } from '../routing/index.js';
import type { Note } from '../trace/index.js';
import { isCanary } from './canary.js';
import type { Counters } from './counters.js';
import type { Entry, Ledger } from './ledger.js';
import { keyOf } from './said-lately.js';
import { type Utterance, utteranceOf } from './utterance.js';

export interface IntakeOptions {
  readonly network: string;
  readonly routes: () => Routes;
  /** Decodes, or finds what is decoded already; throws EVENT_INVALID. */
  readonly eventOf: (delivery: Delivery) => ParleyEvent;
  /** The event of this sequence as the log has it; see `Bus.logged`. */
  readonly logged: (sequence: number) => Promise<ParleyEvent>;
  readonly ledger: Ledger;
  /** Said here lately by whoever owned the network then: an event id, or one with a channel (`keyOf`). */
  readonly saidLately: (key: string) => boolean;
  /** Said in one of its channels, and to be said in another (`keyOf`). */
  readonly saidInPart: (key: string) => void;
  readonly saidOnce: SaidOnce;
  readonly counters: Counters;
  readonly log: Logger;
  readonly note: Note;
  readonly enqueue: (utterance: Utterance) => void;
  /** A canary came through the log: see canary.ts. */
  readonly canary: (event: ParleyEvent) => void;
  /** The log gives this event not for the first time. */
  readonly redelivered: (event: ParleyEvent) => void;
  /** Called when the log has nothing more waiting. */
  readonly onCaughtUp: () => void;
}

const FAST = 'fast path';

export class Intake {
  readonly #options: IntakeOptions;
  /** Local events that come through the log because the fast path was closed. */
  readonly #detours = new Set<string>();
  #caughtUp = false;
  /** Nobody can know what the log has: see `awaitLog`. */
  #withoutLog = false;
  #lag = 0;
  #order = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Events that the log has still waiting for this network, as of its last delivery. */
  get lag(): number {
    return this.#lag;
  }

  /**
   * The log is about to be read. Where it cannot be reached at all, the fast path is open without it: what was stored
   * before this process began and is still to be said here comes behind what is said until then.
   */
  awaitLog(isThere: boolean): void {
    this.#withoutLog = !isThere;
  }

  /** The log has nothing older than what is offered from now on. */
  markCaughtUp(): void {
    this.#caughtUp = true;
    this.#options.onCaughtUp();
  }

  /** The place behind everything that was enqueued so far. */
  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  /** Fast path: an event of this process, while it is being stored. `viaLog` forces the detour. */
  offer(event: ParleyEvent, viaLog: boolean): void {
    const dropped: [DropReason, (string | undefined)?][] = [];
    const targets = this.#targetsOf(event, (...drop) => dropped.push(drop));
    if (targets.length === 0) return;
    const open = this.#withoutLog || (this.#caughtUp && this.#detours.size === 0 && !viaLog);
    if (!open) {
      this.#detours.add(event.id);
      return;
    }
    // Counted here only: what is not opened now is looked at, and counted, when the log's copy comes.
    for (const drop of dropped) this.#drop(event, ...drop);
    this.#open(event, targets, null, FAST);
  }

  /** The log had this event already: its copy may have come long ago. */
  forget(id: string): void {
    this.#detours.delete(id);
  }

  /** The event is in the spool and comes from the log when the backbone is back. */
  spooled(id: string): void {
    this.#options.ledger.spooled(id);
  }

  /** The log refused this event. */
  refused(id: string): void {
    this.#detours.delete(id);
    this.#options.ledger.refused(id);
  }

  /** The log's copy. */
  take(delivery: Delivery): void {
    const event = this.#eventOf(delivery);
    if (event === null) void this.#askAgain(delivery);
    else this.#takeAs(delivery, event);
    // What is read a second time says nothing about what waits.
    if (delivery.again) return;
    this.#lag = delivery.pending;
    if (delivery.pending === 0) this.markCaughtUp();
  }

  #takeAs(delivery: Delivery, event: ParleyEvent): void {
    const { ledger, network, redelivered, saidLately } = this.#options;
    if (delivery.redelivered) redelivered(event);
    const isKnown = ledger.arrived(delivery.id, () => delivery.ack(), delivery.again);
    if (!isKnown && (delivery.wasSaidOn(network) || saidLately(delivery.id))) delivery.ack();
    else if (!isKnown) this.#takeNew(delivery, event);
    this.#detours.delete(delivery.id);
  }

  /**
   * What was delivered is no event. The log may have it right all the same (seen with nats-server 2.9.10 just after an
   * outage: bytes of a message were missing on the way, and the connection was no good any more); it is passed over
   * only when the log's own copy is no event either.
   */
  async #askAgain(delivery: Delivery): Promise<void> {
    const { logged, counters, log } = this.#options;
    const { sequence } = delivery;
    try {
      this.#takeAs(delivery, await logged(sequence));
    } catch (error) {
      const reason = reasonOf(error);
      // Not acknowledged, it is given again with the next connection.
      if (!isNoEvent(error)) return log.warn('an event is asked for again later', { sequence, reason });
      counters.drop('invalid');
      log.warn('skipped an invalid event of the room log', { sequence, reason });
      this.#detours.delete(delivery.id);
      delivery.ack();
    }
  }

  #takeNew(delivery: Delivery, event: ParleyEvent): void {
    if (isCanary(event)) {
      delivery.ack();
      this.#options.canary(event);
      return;
    }
    const targets = this.#targetsOf(event, (...drop) => this.#drop(event, ...drop));
    if (targets.length === 0) delivery.ack();
    else this.#open(event, targets, () => delivery.ack(), `log ${delivery.sequence}`);
  }

  #eventOf(delivery: Delivery): ParleyEvent | null {
    try {
      return this.#options.eventOf(delivery);
    } catch (error) {
      this.#options.log.debug('a delivery is no event', {
        sequence: delivery.sequence,
        reason: reasonOf(error),
      });
      return null;
    }
  }

  #targetsOf(event: ParleyEvent, onDrop: (reason: DropReason, channel?: string) => void): readonly Target[] {
    return this.#options.routes().targetsOf(event, this.#options.network, onDrop);
  }

  #drop(event: ParleyEvent, reason: DropReason, channel = ''): void {
    const { counters, note, network } = this.#options;
    counters.drop(reason);
    note(event.id, 'dropped', network, channel, reason);
  }

  /** `way`: what the trace says of how it came. */
  #open(event: ParleyEvent, targets: readonly Target[], ack: (() => void) | null, way: string): void {
    const { ledger, enqueue, note, network } = this.#options;
    const fresh = targets.filter((target) => this.#isFirst(event, target));
    if (fresh.length === 0) {
      ledger.over(event.id);
      ack?.();
      return;
    }
    const entry = ledger.open(event.id, fresh.length, ack);
    for (const target of fresh) {
      note(event.id, 'routed', network, target.channel, `${event.subject}, ${way}`);
      enqueue(utteranceOf(event, target, this.nextOrder(), () => this.#settle(entry, target)));
    }
  }

  #settle(entry: Entry, { channel }: Target): void {
    this.#options.ledger.settle(entry);
    if (entry.open > 0) this.#options.saidInPart(keyOf(entry.id, channel));
  }

  /**
   * A line said in a channel of several rooms is one line to a channel that is in those rooms too; and the last owner may
   * have said it in this channel and not yet in another.
   */
  #isFirst(event: ParleyEvent, target: Target): boolean {
    if (this.#options.saidLately(keyOf(event.id, target.channel))) return false;
    if (event.origin === undefined) return true;
    if (this.#options.saidOnce.claim(target.network, target.channel, event)) return true;
    this.#options.counters.drop('duplicate');
    this.#options.note(event.id, 'dropped', target.network, target.channel, 'duplicate');
    return false;
  }
}

function isNoEvent(error: unknown): boolean {
  return error instanceof ParleyError && (error.code === 'EVENT_INVALID' || error.code === 'NOT_FOUND');
}
