/** What the rooms of a list get. Pure. */
import { type Author, encodeToken, newId, type ParleyEvent } from '../../src/message/index.js';

export interface Announcement {
  /** The id of the call: a channel that is in two of the rooms hears it once. */
  readonly origin: string;
  readonly list: string;
  readonly author: Author;
  /** Network and channel of the call. */
  readonly network: string | null;
  readonly channel: string;
  /** Ms since 1970. */
  readonly now: number;
  readonly maxAgeMs: number;
  readonly line: string;
}

/**
 * The source is the list, not the channel of the call, or that channel would never hear it. `command.reply` is said as
 * it is, with nobody's name in front.
 */
export function eventFor(room: string, notIn: readonly string[], announcement: Announcement): ParleyEvent {
  const { origin, list, author, network, channel, now, maxAgeMs, line } = announcement;
  return {
    specversion: '1.0',
    id: newId(now),
    source: `/broadcasts/${encodeToken(list)}`,
    type: 'command.reply',
    subject: room,
    time: new Date(now).toISOString(),
    expirytime: new Date(now + maxAgeMs).toISOString(),
    datacontenttype: 'application/json',
    origin,
    data: {
      author,
      text: line,
      markup: 'plain',
      native: { id: null, channel },
      replyTo: null,
      attachments: [],
      hops: network === null ? [] : [network],
      ...(notIn.length === 0 ? {} : { notIn }),
    },
  };
}
