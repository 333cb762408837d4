/** Small changes of a document that keep what people wrote around it: comments, order, quotes. */
import { isMap, isSeq, parseDocument } from 'yaml';
import { ParleyError } from '../errors.js';

interface Place {
  readonly network: string;
  readonly channel: string;
}

/** Throws USAGE when it has it already. */
export function withChannel(text: string, channel: Place & { readonly room: string }): string {
  const yaml = parseDocument(text);
  if (indexOf(yaml, channel) >= 0) {
    throw new ParleyError('USAGE', `it has ${channel.network} ${channel.channel} already`, {
      fix: 'Remove it first to put it into another room.',
    });
  }
  if (!yaml.has('channels')) yaml.set('channels', []);
  yaml.addIn(['channels'], yaml.createNode(channel));
  return yaml.toString();
}

/** Throws NOT_FOUND. */
export function withoutChannel(text: string, channel: Place): string {
  const yaml = parseDocument(text);
  const index = indexOf(yaml, channel);
  if (index < 0) {
    throw new ParleyError('NOT_FOUND', `it has no ${channel.network} ${channel.channel}`, {
      fix: 'Look at it first: "config list", or the page.',
    });
  }
  yaml.deleteIn(['channels', index]);
  return yaml.toString();
}

function indexOf(yaml: ReturnType<typeof parseDocument>, { network, channel }: Place): number {
  const channels = yaml.get('channels');
  if (!isSeq(channels)) return -1;
  return channels.items.findIndex(
    (item) => isMap(item) && item.get('network') === network && item.get('channel') === channel,
  );
}
