/**
 * Where an event goes. Everything is worked out when the config is loaded: a message costs two or three map look-ups
 * and one pass over the channels that one network has in one room, however many rooms and networks there are.
 *
 * Nothing is said twice, in four steps:
 * 1. Own channel: an event is never said in the channel that its `source` names. Two channels of one network in one
 *    room do hear each other, so the network alone does not stop it.
 * 2. Hops, on the way in (`extendHops`): what would pass a network or gateway a second time is dropped.
 * 3. Hops, on the way out: a network that the event passed *before* the one it has just come in from has said it.
 * 4. Two rooms that hold the same two channels make two events with one `origin`; `SaidOnce` knows them as one.
 * What the steps cannot see is a relay that is not Parley and repeats lines as its own words: a filter is for that.
 */
import type { RoomChannel, RoomConfig, Showable } from '../config/index.js';
import { type EventData, encodeSource, type ParleyEvent } from '../message/index.js';
import { compileFilter, type Filter, Patterns } from './filter.js';
import type { DropReason, Routes, Target } from './types.js';

/** One channel that may speak in a room. */
interface Leg {
  readonly target: Target;
  readonly source: string;
  readonly shows: ReadonlySet<Showable>;
}

interface Legs {
  readonly all: readonly Leg[];
  readonly targets: readonly Target[];
}

/** A channel that is heard. */
interface Heard {
  readonly rooms: string[];
  /** room → filter, null for none. */
  readonly filters: Map<string, Filter | null>;
}
type OnDrop = (reason: DropReason, channel?: string) => void;
type Attached = Map<string, Readonly<Record<string, unknown>>>;

const NOWHERE: readonly Target[] = [];
const NOTHING: ReadonlySet<Showable> = new Set();
const NO_ROOMS: readonly string[] = [];
const NO_SOURCES: readonly unknown[] = [];
const SHOWN_AS: ReadonlyMap<string, Showable> = new Map<string, Showable>([
  ['member.join', 'join'],
  ['member.leave', 'part'],
  ['member.nick', 'nick'],
  ['member.kick', 'kick'],
  ['member.ban', 'kick'],
  ['room.topic', 'topic'],
  ['sys.netsplit', 'netsplit'],
]);

/** Throws CONFIG_INVALID for a pattern that the config loader would have refused. */
export function compileRoutes(rooms: ReadonlyMap<string, RoomConfig>): Routes {
  return new CompiledRoutes(rooms);
}

/** `hops` with one more at the end, or null when the event has been there: a loop. */
export function extendHops(hops: readonly string[], hop: string): readonly string[] | null {
  return hops.includes(hop) ? null : [...hops, hop];
}

class CompiledRoutes implements Routes {
  /** room → network → who may speak there. */
  readonly #legs = new Map<string, Map<string, Legs>>();
  /** network → channel. */
  readonly #heard = new Map<string, Map<string, Heard>>();
  readonly #channels = new Map<string, Attached>();
  readonly #patterns = new Patterns();

  constructor(rooms: ReadonlyMap<string, RoomConfig>) {
    for (const room of rooms.values()) this.#addRoom(room);
  }

  roomsOf(network: string, channel: string): readonly string[] {
    return this.#heard.get(network)?.get(channel)?.rooms ?? NO_ROOMS;
  }

  targetsOf(event: ParleyEvent, network: string, onDrop: OnDrop = ignore): readonly Target[] {
    const room = this.#legs.get(event.subject);
    if (room === undefined) return nowhere('unknown-room', onDrop);
    const legs = room.get(network);
    if (legs === undefined) return NOWHERE;
    if (hasPassed(event.data, network)) return nowhere('loop', onDrop);
    const shown = shownAs(event);
    const notIn = leftOut(event.data);
    const isWhole = shown === null && notIn === NO_SOURCES;
    if (isWhole && !legs.all.some((leg) => leg.source === event.source)) return legs.targets;
    return select(legs, { source: event.source, shown, notIn }, onDrop);
  }

  networksOf(room: string): readonly string[] {
    return [...(this.#legs.get(room)?.keys() ?? [])];
  }

  channelsOf(network: string) {
    const attached = this.#channels.get(network) ?? new Map<string, Readonly<Record<string, unknown>>>();
    return [...attached].map(([address, options]) => ({ address, options }));
  }

  admit(network: string, channel: string, room: string, data: EventData): EventData | DropReason {
    const filter = this.#heard.get(network)?.get(channel)?.filters.get(room);
    if (filter === undefined) return this.#refusal(network, channel, room);
    return filter === null ? data : filter(data);
  }

  #addRoom(room: RoomConfig): void {
    const shows = room.show.length === 0 ? NOTHING : new Set(room.show);
    const speaking = new Map<string, Leg[]>();
    for (const channel of room.channels) {
      this.#attach(channel);
      if (channel.direction !== 'out') this.#hear(channel, room.name);
      if (channel.direction === 'in') continue;
      const own = channel.show === null ? shows : new Set(channel.show);
      inMap(speaking, channel.network, newList<Leg>).push(legOf(channel, room.name, own));
    }
    this.#legs.set(room.name, new Map([...speaking].map(([network, legs]) => [network, legsOf(legs)])));
  }

  /** Rooms may give options to the same channel; the first to give one decides it. */
  #attach({ network, channel, options }: RoomChannel): void {
    const attached = inMap(this.#channels, network, newMap<string, Readonly<Record<string, unknown>>>);
    attached.set(channel, { ...options, ...attached.get(channel) });
  }

  #hear({ network, channel, filter }: RoomChannel, room: string): void {
    const channels = inMap(this.#heard, network, newMap<string, Heard>);
    const heard = inMap(channels, channel, newHeard);
    if (!heard.filters.has(room)) heard.rooms.push(room);
    heard.filters.set(room, compileFilter(filter, this.#patterns));
  }

  #refusal(network: string, channel: string, room: string): DropReason {
    const isAttached = this.#channels.get(network)?.has(channel) === true;
    return isAttached && this.#legs.has(room) ? 'direction' : 'unknown-room';
  }
}

interface Selection {
  readonly source: string;
  readonly shown: Showable | null;
  readonly notIn: readonly unknown[];
}

function select(legs: Legs, { source, shown, notIn }: Selection, onDrop: OnDrop): readonly Target[] {
  const targets: Target[] = [];
  for (const leg of legs.all) {
    if (leg.source === source) onDrop('own-channel', leg.target.channel);
    else if (notIn.includes(leg.source)) onDrop('left-out', leg.target.channel);
    else if (shown !== null && !leg.shows.has(shown)) onDrop('hidden', leg.target.channel);
    else targets.push(leg.target);
  }
  return targets;
}

function nowhere(reason: DropReason, onDrop: OnDrop): readonly Target[] {
  onDrop(reason);
  return NOWHERE;
}

function ignore(): void {}

function legOf({ network, channel }: RoomChannel, room: string, shows: ReadonlySet<Showable>): Leg {
  return { target: { network, channel, room }, source: encodeSource(network, channel), shows };
}

function legsOf(all: readonly Leg[]): Legs {
  return { all, targets: all.map((leg) => leg.target) };
}

/** What `show` calls the event; null: never hidden. */
function shownAs(event: ParleyEvent): Showable | null {
  if (event.type === 'member.leave' && event.data.quit === true) return 'quit';
  return SHOWN_AS.get(event.type) ?? null;
}

/** Data of an unknown type may have any shape, so nothing is taken for granted here and below. */
function leftOut(data: Partial<EventData> | null | undefined): readonly unknown[] {
  const notIn: unknown = data?.notIn;
  return Array.isArray(notIn) ? notIn : NO_SOURCES;
}

function hasPassed(data: Partial<EventData> | null | undefined, network: string): boolean {
  const hops = data?.hops;
  if (!Array.isArray(hops)) return false;
  const index = hops.indexOf(network);
  return index >= 0 && index < hops.length - 1;
}

function inMap<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

function newMap<Key, Value>(): Map<Key, Value> {
  return new Map();
}

function newHeard(): Heard {
  return { rooms: [], filters: new Map() };
}

function newList<Item>(): Item[] {
  return [];
}
