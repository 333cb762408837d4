/** What an event that answers, edits or deletes another one refers to, as its target knows that one. */
import type { Abilities, Capabilities, Connection } from '../bridge.js';
import type { ParleyEvent } from '../message/index.js';
import type { Act, Quote, Target } from '../routing/index.js';
import type { MessageMap, Natives } from './message-map.js';
import type { Quotes } from './quotes.js';
import type { Utterance } from './utterance.js';

/** `new`: it is said as a message of its own. */
export type Reference =
  | { readonly kind: 'new' }
  | { readonly kind: 'edit' | 'delete'; readonly ids: readonly string[] }
  | { readonly kind: 'reply'; readonly id: string }
  | { readonly kind: 'quote'; readonly quote: Quote };

export const NEW: Reference = { kind: 'new' };

/** True when the event says something about another one. */
export function refers({ data }: ParleyEvent): boolean {
  // Data of an unknown type may have any shape.
  return typeof (data as { readonly replyTo?: unknown } | null)?.replyTo === 'string';
}

/** What can be done on this connection. */
export function abilitiesOf(capabilities: Capabilities, connection: Connection | null): Abilities {
  const { edits, deletes = edits, replies } = capabilities;
  return { edits, deletes, replies, ...connection?.abilities };
}

export class References {
  readonly #map: MessageMap;
  readonly #quotes: Quotes;

  constructor(map: MessageMap, quotes: Quotes) {
    this.#map = map;
    this.#quotes = quotes;
  }

  /** Undefined: not known without asking the backbone. */
  peek(event: ParleyEvent, target: Target, abilities: Abilities): Reference | undefined {
    const id = event.data.replyTo ?? '';
    const wanted = wantedOf(event.type, abilities);
    if (wanted === 'new') return NEW;
    if (wanted === 'quote') return quoted(this.#quotes.peek(id));
    return referenceTo(wanted, this.#map.peekNatives(id, target.network, target.channel));
  }

  /** Asks the backbone; what is not known there either is said as a message of its own. Never rejects. */
  async find(event: ParleyEvent, target: Target, abilities: Abilities): Promise<Reference> {
    const id = event.data.replyTo ?? '';
    const wanted = wantedOf(event.type, abilities);
    if (wanted === 'new') return NEW;
    if (wanted !== 'quote') {
      const natives = await this.#map.natives(id, target.network, target.channel);
      const found = referenceTo(wanted, natives ?? undefined);
      if (found !== undefined || wanted !== 'reply') return found ?? NEW;
    }
    return quoted((await this.#quotes.find(event.subject, id)) ?? undefined) ?? NEW;
  }
}

type Wanted = Reference['kind'];

function wantedOf(type: string, { edits, deletes, replies }: Abilities): Wanted {
  if (type === 'chat.edit') return edits ? 'edit' : 'new';
  if (type === 'chat.delete') return deletes ? 'delete' : 'new';
  return replies ? 'reply' : 'quote';
}

function quoted(quote: Quote | undefined): Reference | undefined {
  return quote === undefined ? undefined : { kind: 'quote', quote };
}

function referenceTo(kind: 'edit' | 'delete' | 'reply', natives: Natives | undefined): Reference | undefined {
  const ids = (natives ?? []).filter((id) => id !== null);
  const [first] = ids;
  if (first === undefined) return undefined;
  // A part without id cannot be changed: changing the others would leave half of the old text standing.
  if (kind !== 'reply') return ids.length === natives?.length ? { kind, ids } : undefined;
  return { kind, id: first };
}

/**
 * What each of `count` new parts does to what is there. An edit into fewer parts removes the rest (or, where that
 * cannot be done, leaves a mark in its place); into more, the rest is new.
 */
export function actsOf(reference: Reference, count: number): readonly Act[] | undefined {
  switch (reference.kind) {
    case 'delete':
      return reference.ids.map((id) => ({ deletes: id }));
    case 'edit':
      return Array.from({ length: Math.max(count, reference.ids.length) }, (_, part) => {
        const id = reference.ids[part];
        if (id === undefined) return {};
        return part < count ? { edits: id } : { deletes: id };
      });
    case 'reply':
      return Array.from({ length: count }, (_, part) => (part === 0 ? { replyTo: reference.id } : {}));
    default:
      return undefined;
  }
}

/** Keeps the ids under which an utterance can be changed and answered later. */
export function record(
  map: MessageMap,
  { event, target, reference, rendered }: Utterance,
  natives: Natives,
): void {
  if (reference?.kind === 'delete') return;
  const kept = natives.filter((_, part) => rendered?.acts?.[part]?.deletes === undefined);
  // What edits is no message of its own: the edited one has these parts from now on.
  const edited = reference?.kind === 'edit' ? event.data.replyTo : null;
  map.said(target.network, target.channel, { id: edited ?? event.id, subject: event.subject }, kept);
}
