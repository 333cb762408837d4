import { type EventData, newId, type ParleyEvent } from '../../src/message/index.js';

/** An event that is right in every attribute, with `data` laid over it. */
export function eventOf(type = 'chat.message', data: Partial<EventData> = {}): ParleyEvent {
  return {
    specversion: '1.0',
    id: newId(),
    source: '/networks/quakenet/channels/=23qw',
    type,
    subject: 'quakeworld',
    time: '2026-11-20T20:42:00.123Z',
    datacontenttype: 'application/json',
    data: {
      author: { id: 'irc:quakenet:nick:zappater', name: 'zappater', verified: false },
      text: '4on4 mix, two more needed',
      markup: 'plain',
      native: { id: null, channel: '#qw' },
      replyTo: null,
      attachments: [],
      hops: ['quakenet'],
      ...data,
    },
  };
}
