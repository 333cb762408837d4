/**
 * Where every event of this process is accepted: stored in the room log, and meanwhile offered to the local
 * networks. Accepted means stored; what is said on the fast path only comes earlier.
 */
import type { Bus, Delivery, DrainOutcome, Stored } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { ParleyEvent } from '../message/index.js';
import type { Routes } from '../routing/index.js';
import type { Note } from '../trace/index.js';
import { Quotes } from './quotes.js';
import { RecentEvents } from './recent-events.js';
import { ReplayGuard } from './replay-guard.js';

/** A local network as the switchboard sees it. */
export interface Listener {
  offer(event: ParleyEvent, viaLog: boolean): void;
  forget(id: string): void;
  refused(id: string): void;
  spooled(id: string): void;
}

export class Switchboard {
  readonly quotes: Quotes;
  readonly #recent = new RecentEvents();
  readonly #bus: Bus;
  readonly #routes: () => Routes;
  readonly #note: Note;
  readonly #listeners = new Map<string, Listener>();
  readonly #replays = new ReplayGuard();

  constructor(bus: Bus, routes: () => Routes, log: Logger, note: Note = () => {}) {
    this.#note = note;
    this.quotes = new Quotes(bus, log);
    this.#bus = bus;
    this.#routes = routes;
    bus.onDrained((id, outcome) => this.#drained(id, outcome));
  }

  join(network: string, listener: Listener): void {
    this.#listeners.set(network, listener);
  }

  leave(network: string): void {
    this.#listeners.delete(network);
  }

  /**
   * The event of a copy that a network got from the log, decoded at most once for all of them.
   * Throws EVENT_INVALID.
   */
  eventOf(delivery: Delivery): ParleyEvent {
    const known = this.#recent.take(delivery.id);
    if (known !== undefined) return known;
    const event = delivery.event();
    this.#recent.add(event, this.#listeners.size - 1);
    this.quotes.remember(event);
    return event;
  }

  /**
   * Resolves once the room log has the event, or the spool while the backbone is away. `replayable`: its id comes from
   * the network's own message id.
   * Throws OUTBOX_FULL or what the log refused it for.
   */
  async accept(event: ParleyEvent, replayable: boolean): Promise<Stored> {
    const first = replayable ? this.#replays.firstOf(event.id) : undefined;
    if (first !== undefined) return { ...(await first), duplicate: true };
    if (replayable && this.#bus.wasSpooled(event.id)) return { sequence: 0, duplicate: true, spooled: true };
    const listeners = this.#listenersOf(event.subject);
    const viaLog = replayable && !this.#replays.isComplete;
    // What the log is going to refuse must not be said either.
    if (this.#bus.accepting) for (const listener of listeners) listener.offer(event, viaLog);
    const storing = this.#bus.store(event);
    if (replayable) this.#replays.remember(event.id, storing);
    this.#recent.add(event, this.#listeners.size);
    this.quotes.remember(event);
    try {
      const stored = await storing;
      this.#noteAccepted(event.id, stored);
      if (stored.duplicate) for (const listener of listeners) listener.forget(event.id);
      if (stored.spooled) for (const listener of listeners) listener.spooled(event.id);
      return stored;
    } catch (error) {
      this.#note(event.id, 'refused', '', '', reasonOf(error));
      for (const listener of listeners) listener.refused(event.id);
      throw error;
    }
  }

  #noteAccepted(id: string, { spooled, duplicate, sequence }: Stored): void {
    if (spooled) this.#note(id, 'spooled', '', '', '');
    else this.#note(id, 'stored', '', '', duplicate ? 'duplicate' : String(sequence));
  }

  /** What `accept` hears at once of events that go straight to the log. */
  #drained(id: string, outcome: DrainOutcome): void {
    if (outcome === 'refused') this.#note(id, 'refused', '', '', 'by the log, after the spool');
    else this.#note(id, 'stored', '', '', outcome === 'duplicate' ? 'duplicate' : 'after the spool');
    if (outcome === 'stored') return;
    for (const listener of this.#listeners.values()) {
      if (outcome === 'duplicate') listener.forget(id);
      else listener.refused(id);
    }
  }

  #listenersOf(room: string): readonly Listener[] {
    const listeners: Listener[] = [];
    for (const network of this.#routes().networksOf(room)) {
      const listener = this.#listeners.get(network);
      if (listener !== undefined) listeners.push(listener);
    }
    return listeners;
  }
}
