import type { ParleyEvent } from '../message/index.js';

interface Recent {
  readonly event: ParleyEvent;
  /** Networks whose copy from the log is still to come. */
  awaited: number;
}

/**
 * Events of this process by id until each network has had its copy from the log, so that no network decodes what
 * another has decoded or made. Bounded: what is forgotten early is only decoded again.
 */
export class RecentEvents {
  readonly #events = new Map<string, Recent>();
  readonly #capacity: number;

  constructor(capacity = 8_192) {
    this.#capacity = capacity;
  }

  /** `awaited`: how many networks are going to ask for it. */
  add(event: ParleyEvent, awaited: number): void {
    if (awaited <= 0) return;
    this.#events.set(event.id, { event, awaited });
    if (this.#events.size <= this.#capacity) return;
    const oldest = this.#events.keys().next();
    if (oldest.done !== true) this.#events.delete(oldest.value);
  }

  /** The event for one network, whose copy has come; the last one to ask takes it away. */
  take(id: string): ParleyEvent | undefined {
    const recent = this.#events.get(id);
    if (recent === undefined) return undefined;
    recent.awaited -= 1;
    if (recent.awaited <= 0) this.#events.delete(id);
    return recent.event;
  }

  get size(): number {
    return this.#events.size;
  }
}
