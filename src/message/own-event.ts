import type { Author, EventType, ParleyEvent } from './event.js';
import { newId } from './id.js';

export interface OwnWords {
  readonly type: EventType;
  readonly room: string;
  readonly author: Author;
  readonly text: string;
  /** Where it is about; empty: nowhere. */
  readonly channel: string;
  /** Networks that are not to hear it. Default: none. */
  readonly hops?: readonly string[];
}

/** What a gateway says of itself, now. */
export function ownEvent({ type, room, author, text, channel, hops = [] }: OwnWords): ParleyEvent {
  return {
    specversion: '1.0',
    id: newId(),
    source: '/gateway',
    type,
    subject: room,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author,
      text,
      markup: 'plain',
      native: { id: null, channel },
      replyTo: null,
      attachments: [],
      hops,
    },
  };
}
