/**
 * How an event reads on a target: who speaks, the text in the target's markup, cut into parts that fit. Every part
 * begins with the speaker, so that each line of a paste shows whose it is, also when others speak in between.
 *
 * An action is said as a message, `* nick waves`: as a real ACTION it would read `* parley nick waves`.
 */
import type { NetworkConfig } from '../config/index.js';
import {
  byteLength,
  cutBytes,
  fromCore,
  graphemeFloor,
  isKnownType,
  MIN_PART_BYTES,
  oneLine,
  type ParleyEvent,
  plainText,
  silenceMentions,
  splitText,
  type TextMarkup,
} from '../message/index.js';
import { NickFormat, type Prefix } from './nick-format.js';
import { quietLine, type Words } from './quiet-line.js';
import type { Quote, Rendered, RenderTarget } from './types.js';

const NOBODY: Prefix = { text: '', bytes: 0 };
const QUOTED_CHARS = 40;
const BARE = new Set(['sys.digest', 'command.reply']);
const UNSAID = new Set(['chat.typing', 'chat.reaction', 'command.call', 'sys.canary']);

/** One per network config; a reload makes new ones and the old go with their config. */
const formats = new WeakMap<NetworkConfig, Map<TextMarkup, NickFormat>>();

/** Null when there is nothing to say: an empty text, a type that has no words (typing, reactions), an unknown type. */
export function render(event: ParleyEvent, target: RenderTarget): Rendered | null {
  if (UNSAID.has(event.type) || !isKnownType(event.type)) return null;
  const markup = target.capabilities.markup;
  const format = formatOf(target.network, markup);
  const quiet = quietLine(event, wordsOf(event, format, markup));
  const prefix = quiet === null ? prefixOf(event, format) : NOBODY;
  const quoted = target.quote === undefined ? '' : quoteOf(target.quote, format, markup);
  const parts = partsOf(prefix, quiet ?? quoted + bodyOf(event, markup), target);
  if (parts.length === 0) return null;
  return { type: event.type === 'chat.notice' ? 'chat.notice' : 'chat.message', parts };
}

function formatOf(network: NetworkConfig, markup: TextMarkup): NickFormat {
  let byMarkup = formats.get(network);
  if (byMarkup === undefined) {
    byMarkup = new Map();
    formats.set(network, byMarkup);
  }
  const kept = byMarkup.get(markup);
  if (kept !== undefined) return kept;
  const made = new NickFormat(network, markup);
  byMarkup.set(markup, made);
  return made;
}

function prefixOf(event: ParleyEvent, format: NickFormat): Prefix {
  if (BARE.has(event.type)) return NOBODY;
  return event.type === 'chat.action' ? format.action(event) : format.speech(event);
}

function bodyOf(event: ParleyEvent, markup: TextMarkup): string {
  const { text, attachments } = event.data;
  const said = safe(fromCore(text, event.data.markup, markup), markup);
  const edited = event.type === 'chat.edit' && said !== '' ? `${said} (edited)` : said;
  if (attachments.length === 0) return edited;
  const urls = attachments.map(({ url }) => safe(fromCore(oneLine(url), 'plain', markup), markup));
  const missing = urls.filter((url) => !edited.includes(url));
  return [edited, ...missing].filter((piece) => piece !== '').join(' ');
}

/** `(re bob: 4on4 mix, two…) `: short, so that the answer stays the line's own. */
function quoteOf({ name, text, markup }: Quote, format: NickFormat, target: TextMarkup): string {
  const whole = oneLine(plainText(text, markup));
  const words =
    whole.length <= QUOTED_CHARS
      ? whole
      : `${whole.slice(0, graphemeFloor(whole, 0, QUOTED_CHARS)).trimEnd()}…`;
  return `(re ${format.nick(name)}: ${safe(fromCore(words, 'plain', target), target)}) `;
}

function wordsOf(event: ParleyEvent, format: NickFormat, markup: TextMarkup): Words {
  return {
    nick: (name) => format.nick(name),
    place: (name) => format.place(name),
    text: (text) => safe(fromCore(text.replace(/\s+/g, ' ').trim(), event.data.markup, markup), markup),
  };
}

/** On IRC `@everyone` is a word like any other. */
function safe(text: string, markup: TextMarkup): string {
  return markup === 'markdown' ? silenceMentions(text) : text;
}

function partsOf(prefix: Prefix, body: string, target: RenderTarget): readonly string[] {
  const { markup, multiline } = target.capabilities;
  const { text, bytes } = fitting(prefix, target.maxBytes - MIN_PART_BYTES, markup);
  const options = {
    maxBytes: target.maxBytes - bytes,
    maxParts: target.network.maxLines,
    markup,
    multiline,
    more,
  };
  const parts = splitText(body, options);
  return text === '' ? parts : parts.map((part) => text + part);
}

/** A prefix that would leave no room for the text is cut; on IRC its formatting ends there. */
function fitting(prefix: Prefix, maxBytes: number, markup: TextMarkup): Prefix {
  if (prefix.bytes <= maxBytes) return prefix;
  const text = cutBytes(prefix.text, Math.max(0, maxBytes - 1)) + (markup === 'irc' ? '\x0f' : ' ');
  return { text, bytes: byteLength(text) };
}

function more(count: number): string {
  return count === 1 ? '… (1 more line)' : `… (${count} more lines)`;
}
