/**
 * Who speaks, in front of each line: the network's nick format filled in for its markup. Names come from strangers:
 * they are one line, limited, escaped, and cannot hold a formatting code. Prefixes are kept, since the same few people
 * speak again and again.
 */
import type { NetworkConfig } from '../config/index.js';
import {
  byteLength,
  cutBytes,
  escapeMarkdown,
  firstGrapheme,
  oneLine,
  type ParleyEvent,
  parseSource,
  silenceMentions,
  stripControls,
  type TextMarkup,
} from '../message/index.js';
import { Lru } from './lru.js';

const MAX_NICK_BYTES = 64;
const MAX_PREFIXES = 2000;
const FIELD = /\{(nick|network|room|channel|bridge)\}/;
/** mIRC colours that can be read on white and on black: green, red, purple, orange, teal, blue, pink. */
const COLOURS = ['03', '04', '06', '07', '10', '12', '13'] as const;

export interface Prefix {
  readonly text: string;
  readonly bytes: number;
}

/** The nick format of one network, compiled. */
export class NickFormat {
  readonly #network: NetworkConfig;
  readonly #markup: TextMarkup;
  readonly #speech: Template;
  readonly #action: Template;
  readonly #prefixes = new Lru<string, Prefix>(MAX_PREFIXES);

  constructor(network: NetworkConfig, markup: TextMarkup) {
    this.#network = network;
    this.#markup = markup;
    this.#speech = compile(network.nickFormat, markup);
    this.#action = compile(actionFormat(network.nickFormat, markup), markup);
  }

  /** `<nick> ` in the target's markup. */
  speech(event: ParleyEvent): Prefix {
    return this.#prefix(event, this.#speech, 's');
  }

  /** `* nick `, as IRC clients show an action. */
  action(event: ParleyEvent): Prefix {
    return this.#prefix(event, this.#action, 'a');
  }

  /** A name as it may stand in a line: coloured, and broken so that it pings nobody. */
  nick(name: string): string {
    const clean = visible(cutBytes(oneLine(stripControls(name)), MAX_NICK_BYTES));
    if (this.#markup === 'markdown') return silenceMentions(escapeMarkdown(clean, false));
    const broken = this.#network.breakPings ? breakPing(clean) : clean;
    return this.#markup === 'irc' && this.#network.colorNicks ? coloured(broken, clean) : broken;
  }

  #prefix(event: ParleyEvent, template: Template, kind: string): Prefix {
    const { author } = event.data;
    const key = template.needsOrigin
      ? `${kind}${author.name}\0${author.id}\0${event.source}\0${event.subject}`
      : kind + author.name;
    return this.#prefixes.get(key, () => this.#fill(event, template));
  }

  #fill(event: ParleyEvent, template: Template): Prefix {
    const values = this.#values(event);
    const filled = template.parts
      .map((part) => (typeof part === 'string' ? part : values[part.field]))
      .join('');
    const text = this.#markup === 'markdown' ? silenceMentions(filled) : filled;
    return { text, bytes: byteLength(text) };
  }

  #values(event: ParleyEvent): Readonly<Record<Field, string>> {
    const { author, native } = event.data;
    const source = parseSource(event.source);
    return {
      nick: this.nick(author.name),
      network: this.place(source?.kind === 'network' ? source.network : (source?.token ?? '')),
      room: this.place(event.subject),
      channel: this.place(native.channel),
      bridge: this.place(author.id.slice(0, Math.max(0, author.id.indexOf(':')))),
    };
  }

  /** The name of a network, room or channel. */
  place(value: string): string {
    const clean = cutBytes(oneLine(stripControls(value)), MAX_NICK_BYTES);
    return this.#markup === 'markdown' ? escapeMarkdown(clean, false) : clean;
  }
}

type Field = 'nick' | 'network' | 'room' | 'channel' | 'bridge';
interface Template {
  readonly parts: readonly (string | { readonly field: Field })[];
  /** Whether more than the nick decides the outcome. */
  readonly needsOrigin: boolean;
}

/** The format itself is the operator's, in the target's own markup: IRC codes in it are meant. */
function compile(format: string, markup: TextMarkup): Template {
  const allowed = markup === 'irc' ? format.replace(/[\0\x01\n\r]/g, '') : oneLineKeepingEdges(format);
  const parts = allowed
    .split(FIELD)
    .map((text, index) => (index % 2 === 0 ? text : { field: text as Field }))
    .filter((part) => part !== '');
  return { parts, needsOrigin: parts.some((part) => typeof part !== 'string' && part.field !== 'nick') };
}

function oneLineKeepingEdges(format: string): string {
  return stripControls(format).replaceAll('\n', ' ');
}

/** `[{network}] <{nick}> ` → `[{network}] * {nick} `: the brackets or the colon around the speaker become a star. */
function actionFormat(format: string, markup: TextMarkup): string {
  const star = markup === 'markdown' ? '\\* ' : '* ';
  const bracketed = /[<([]([^<>()[\]]*\{nick\}[^<>()[\]]*)[>)\]]:?\s*$/;
  if (bracketed.test(format)) return format.replace(bracketed, (_, speaker: string) => `${star}${speaker} `);
  return `${star}${format.replace(/:?\s*$/, '')} `;
}

/** A name in which nothing can be seen would leave a line without a speaker. */
function visible(name: string): string {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : '?';
}

/** A zero-width space behind the first grapheme: clients look for the whole nick when they highlight. */
function breakPing(name: string): string {
  const end = firstGrapheme(name);
  return `${name.slice(0, end)}\u200b${name.slice(end)}`;
}

/** Two digits always; bold on and off keeps a comma and digits of the name from being taken for a background. */
function coloured(shown: string, name: string): string {
  const guard = shown.startsWith(',') ? '\x02\x02' : '';
  return `\x03${colourOf(name)}${guard}${shown}\x0f`;
}

/** The same colour for the same name on every node, in every run (FNV-1a). */
function colourOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return COLOURS[(hash >>> 0) % COLOURS.length] ?? COLOURS[0];
}
