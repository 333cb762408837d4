import { ownEvent, type ParleyEvent } from '../message/index.js';
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
  const author = { id: 'gateway', name: network, verified: true };
  return ownEvent({ type: 'sys.digest', room, author, text, channel, hops: [network] });
}
