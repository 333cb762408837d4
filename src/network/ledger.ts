/**
 * What one network still owes the room log: an entry for each event that has something to be said here.
 *
 * An event reaches a network twice: at once from this process (the fast path) and later from the log. Whichever
 * comes first opens the entry; the log's copy only brings the acknowledgement. The entry is done when every
 * target is settled AND the log's copy is there: only then is it acknowledged, so a crash in between brings it
 * back from the log rather than losing it. However long the backbone is away, a said entry waits for its copy: forgotten
 * before, the event would be said again.
 */
export interface Entry {
  readonly id: string;
  /** Targets that are neither said nor dropped yet. */
  open: number;
  ack: (() => void) | null;
  /** Only the spool has the event yet: that it is said must be noted elsewhere. */
  spooled: boolean;
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #noteSaid: (id: string) => void;
  readonly #said: (id: string) => void;

  /**
   * `said` hears of each event that is said here, `noteSaid` of each such one that is not in the log yet, but in the spool.
   */
  constructor(noteSaid: (id: string) => void = () => {}, said: (id: string) => void = () => {}) {
    this.#noteSaid = noteSaid;
    this.#said = said;
  }

  /** Events that were said before this process began: their copies are only acknowledged. */
  remember(ids: Iterable<string>): void {
    for (const id of ids) this.open(id, 0, null);
  }

  open(id: string, targets: number, ack: (() => void) | null): Entry {
    const entry: Entry = { id, open: targets, ack, spooled: false };
    this.#entries.set(id, entry);
    return entry;
  }

  /**
   * The log's copy is here. `again`: of a second reading; the first copy is still to be acknowledged, too. False when this
   * network does not know the event yet.
   */
  arrived(id: string, ack: () => void, again = false): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.ack = entry.ack === null || !again ? ack : both(entry.ack, ack);
    this.#finish(entry);
    return true;
  }

  /** One target of the event is said, dead-lettered or dropped. */
  settle(entry: Entry): void {
    entry.open -= 1;
    if (entry.open === 0) this.#said(entry.id);
    if (entry.spooled && entry.open === 0 && entry.ack === null) this.#noteSaid(entry.id);
    this.#finish(entry);
  }

  /** There is nothing to be said of it, as another event has said it. */
  over(id: string): void {
    this.#said(id);
  }

  /** The event went to the spool. */
  spooled(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.ack !== null || entry.spooled) return;
    entry.spooled = true;
    if (entry.open <= 0) this.#noteSaid(id);
  }

  /** Unsettled events. */
  get size(): number {
    return this.#entries.size;
  }

  /** The log refused the event, so no copy will come: what is said of it is all there is. */
  refused(id: string): void {
    this.arrived(id, () => {});
  }

  #finish(entry: Entry): void {
    if (entry.open > 0 || entry.ack === null) return;
    this.#entries.delete(entry.id);
    entry.ack();
  }
}

function both(one: () => void, other: () => void): () => void {
  return () => {
    one();
    other();
  };
}
