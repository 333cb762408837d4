/**
 * Which native messages belong to which event, both ways, for every network that gives its messages ids: what
 * edits, deletes and replies need, also after a restart and in another process. Kept in the bucket MESSAGE_MAP.
 *
 * `n` network, channel, native id → the events it is, by room. `e` event, network, channel → the native ids of its
 * parts. What it does not know stays unknown: an edit then becomes a line of its own, never a change to a guessed
 * message.
 */
import { createHash } from 'node:crypto';
import type { Bus } from '../bus/index.js';
import type { Logger } from '../log.js';
import { type ParleyEvent, parseSource } from '../message/index.js';
import { WriteBehind } from './write-behind.js';

/** What one native message is. */
export interface Known {
  /** Event id, by room. */
  readonly rooms: Readonly<Record<string, string>>;
  /** We said it: it is a copy of what somebody said elsewhere. */
  readonly ours: boolean;
}

/** The native ids of an event in one channel, by part; null where the network gave none. */
export type Natives = readonly (string | null)[];

/** Encoded, nine times as many bytes at most: that fits a subject, which the server limits to 4 KB. */
const LONGEST_KEY = 300;
const STOP_MS = 2_000;

export class MessageMap {
  readonly #entries: WriteBehind<Known | Natives>;

  constructor(bus: Bus, log: Logger) {
    this.#entries = new WriteBehind(() => bus.bucket<Known | Natives>('MESSAGE_MAP'), log);
  }

  /** Entries that were given up because the backbone was away for too long. */
  get lost(): number {
    return this.#entries.lost;
  }

  /** A native message came in and is these events, one per room. */
  heard(network: string, channel: string, nativeId: string, events: readonly ParleyEvent[]): void {
    if (events.length === 0) return;
    const rooms = Object.fromEntries(events.map(({ subject, id }) => [subject, id]));
    this.#entries.put(nativeKey(network, channel, nativeId), { rooms, ours: false });
    for (const { id } of events) this.#entries.put(eventKey(id, network, channel), [nativeId]);
  }

  /** An event was said in a channel, or is said there from now on, as these native messages. */
  said(network: string, channel: string, event: Pick<ParleyEvent, 'id' | 'subject'>, natives: Natives): void {
    const known: Known = { rooms: { [event.subject]: event.id }, ours: true };
    for (const id of natives) if (id !== null) this.#entries.put(nativeKey(network, channel, id), known);
    this.#entries.put(eventKey(event.id, network, channel), natives);
  }

  /**
   * The room log gave this event once more, so the last process may have ended before its entries were written. What
   * that process had said itself comes back too: said again, it has new ids.
   */
  async restore(event: ParleyEvent): Promise<void> {
    const from = parseSource(event.source);
    const nativeId = event.data.native?.id;
    if (from?.kind !== 'network' || typeof nativeId !== 'string') return;
    const known = await this.known(from.network, from.channel, nativeId);
    if (known?.rooms[event.subject] === event.id) return;
    const rooms = { ...known?.rooms, [event.subject]: event.id };
    this.#entries.put(nativeKey(from.network, from.channel, nativeId), { rooms, ours: false });
    this.#entries.put(eventKey(event.id, from.network, from.channel), [nativeId]);
  }

  /** As far as it is known without asking the bucket. */
  peekKnown(network: string, channel: string, nativeId: string): Known | null {
    return asKnown(this.#entries.peek(nativeKey(network, channel, nativeId)));
  }

  /** Null: not known, or the bucket does not answer. Never rejects. */
  async known(network: string, channel: string, nativeId: string): Promise<Known | null> {
    return asKnown(await this.#entries.find(nativeKey(network, channel, nativeId)));
  }

  /** As far as it is known without asking the bucket. */
  peekNatives(eventId: string, network: string, channel: string): Natives | undefined {
    return asNatives(this.#entries.peek(eventKey(eventId, network, channel))) ?? undefined;
  }

  /** Null: not known, or the bucket does not answer. Never rejects. */
  async natives(eventId: string, network: string, channel: string): Promise<Natives | null> {
    return asNatives(await this.#entries.find(eventKey(eventId, network, channel)));
  }

  stop(): Promise<void> {
    return this.#entries.stop(STOP_MS);
  }
}

function nativeKey(network: string, channel: string, nativeId: string): string {
  return bounded(`n\n${network}\n${channel}\n${nativeId}`);
}

function eventKey(eventId: string, network: string, channel: string): string {
  return bounded(`e\n${eventId}\n${network}\n${channel}`);
}

function bounded(key: string): string {
  return key.length <= LONGEST_KEY ? key : `h\n${createHash('sha256').update(key).digest('hex')}`;
}

/** Other gateways write here too, of other versions perhaps. */
function asKnown(value: unknown): Known | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { rooms, ours } = value as { readonly rooms?: unknown; readonly ours?: unknown };
  if (typeof rooms !== 'object' || rooms === null) return null;
  const ids = Object.entries(rooms).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return { rooms: Object.fromEntries(ids), ours: ours === true };
}

function asNatives(value: unknown): Natives | null {
  if (!Array.isArray(value)) return null;
  return value.map((id: unknown) => (typeof id === 'string' ? id : null));
}
