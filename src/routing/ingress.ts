/** A network's event into the events of the rooms that hear its channel. Pure; who may speak is checked elsewhere. */
import type { NetworkEvent } from '../bridge.js';
import {
  cutBytes,
  derivedId,
  type EventData,
  encodeSource,
  MAX_TEXT_BYTES,
  newId,
  oneLine,
  type ParleyEvent,
  toCore,
} from '../message/index.js';

const MAX_NAME_BYTES = 256;

export interface IngressContext {
  /** Name of the network that the event came in from. */
  readonly network: string;
  /** The rooms that hear the channel: `Routes.roomsOf`. */
  readonly rooms: readonly string[];
  /** ms since 1970. */
  readonly now: number;
  /** The event id in a room of the native message that is answered, edited, deleted or reacted to; null = not known. */
  readonly eventIdOf?: (nativeId: string, room: string) => string | null;
}

/**
 * One event per room, in the order of `rooms`. With a native id the same event comes out each time the same one goes
 * in. Copies for several rooms share `origin`.
 */
export function toEvents(event: NetworkEvent, context: IngressContext): readonly ParleyEvent[] {
  const { network, rooms, now } = context;
  const data = dataOf(event, network);
  const source = encodeSource(network, event.channel);
  const time = new Date(validMs(event.time) ?? now).toISOString();
  const origin = rooms.length > 1 ? { origin: idOf(event, network, '', now) } : {};
  return rooms.map((room) => ({
    specversion: '1.0',
    id: idOf(event, network, room, now),
    source,
    type: event.type,
    subject: room,
    time,
    datacontenttype: 'application/json',
    ...origin,
    data: answering(data, event.replyTo, room, context),
  }));
}

function idOf(event: NetworkEvent, network: string, room: string, now: number): string {
  const { nativeId, time } = event;
  if (nativeId === undefined) return newId(now);
  const clock = validMs(time) === null || time === undefined ? {} : { time };
  return derivedId({ network, nativeId, room, ...clock });
}

function dataOf(event: NetworkEvent, network: string): EventData {
  const { text, markup } = toCore(event.text, event.markup ?? 'plain');
  return {
    author: { ...event.author, name: cutBytes(oneLine(event.author.name), MAX_NAME_BYTES) },
    text: cutBytes(text, MAX_TEXT_BYTES, '…'),
    markup,
    native: { id: event.nativeId ?? null, channel: event.channel },
    replyTo: null,
    attachments: event.attachments ?? [],
    hops: [network],
    ...(event.target === undefined ? {} : { target: event.target }),
    ...(event.quit === undefined ? {} : { quit: event.quit }),
  };
}

function answering(
  data: EventData,
  nativeId: string | undefined,
  room: string,
  context: IngressContext,
): EventData {
  if (nativeId === undefined) return data;
  return { ...data, replyTo: context.eventIdOf?.(nativeId, room) ?? null };
}

/** Null for a missing or invalid date, and for one before 1970 or after the year 9999, which RFC 3339 cannot say. */
function validMs(time: Date | undefined): number | null {
  const ms = time?.getTime() ?? Number.NaN;
  return ms >= 0 && ms < 253_402_300_800_000 ? ms : null;
}
