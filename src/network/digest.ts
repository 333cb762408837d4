import { newId, type ParleyEvent } from '../message/index.js';
import { digestText, type Target } from '../routing/index.js';
import type { ChannelQueue } from './channel-queue.js';
import { type Utterance, utteranceOf } from './utterance.js';

/** One line in place of everything in the channel that is too old to be said; it settles all of that. */
export function digestOf(queue: ChannelQueue): Utterance {
  const skipped = [...queue.skipped];
  queue.skipped.clear();
  const rooms = new Set(skipped.map(({ target }) => target.room));
  const [first] = skipped;
  const target: Target = first?.target ?? { network: '', channel: queue.channel, room: '' };
  const text = digestText(skipped.length, rooms.size);
  const digest = utteranceOf(digestEvent(target, text), target, first?.order ?? 0, () => {
    for (const { settle } of skipped) settle();
  });
  digest.rendered = { type: 'chat.notice', parts: [text] };
  digest.todo = [0];
  return digest;
}

function digestEvent({ network, channel, room }: Target, text: string): ParleyEvent {
  return {
    specversion: '1.0',
    id: newId(),
    source: '/gateway',
    type: 'sys.digest',
    subject: room,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: { id: 'gateway', name: network, verified: true },
      text,
      markup: 'plain',
      native: { id: null, channel },
      replyTo: null,
      attachments: [],
      hops: [network],
    },
  };
}
