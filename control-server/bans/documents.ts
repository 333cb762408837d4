/**
 * Bans that configuration documents bring. They are in no bucket: each gateway that takes a document makes them of it, the
 * same ones under the same ids, and lifts them when the document says them no more.
 */
import { createHash } from 'node:crypto';
import type { DocumentBan } from '../../src/remote/index.js';
import type { BanTable } from './ban-table.js';
import { parseMatch } from './stored.js';
import type { Ban, Match } from './types.js';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 5;
const HEAD = 'document:';

/** The document that a ban came from; null: it was set by somebody. */
export function documentOf({ by }: Pick<Ban, 'by'>): string | null {
  return by.author.startsWith(HEAD) ? by.author.slice(HEAD.length) : null;
}

export type SourceBans = readonly (readonly [source: string, bans: readonly DocumentBan[]])[];

export class DocumentBans {
  readonly #table: BanTable;
  readonly #clock: () => number;
  readonly #ids = new Set<string>();

  constructor(table: BanTable, clock: () => number) {
    this.#table = table;
    this.#clock = clock;
  }

  /** What all documents say now. True: something changed. Those that cannot be matched are named in `refused`. */
  apply(sources: SourceBans): { readonly changed: boolean; readonly refused: readonly string[] } {
    const at = new Date(this.#clock()).toISOString();
    const refused: string[] = [];
    const wanted = new Map<string, Ban>();
    for (const [source, bans] of sources) {
      for (const ban of bans) {
        const match = parseMatch(matchOf(ban));
        if (match === null) refused.push(`${source}: ${ban.by} ${ban.target}`);
        else {
          const made = banOf(source, ban, match, at);
          wanted.set(made.id, made);
        }
      }
    }
    const gone = [...this.#ids].filter((id) => !wanted.has(id));
    const fresh = [...wanted.values()].filter(({ id }) => !this.#ids.has(id));
    for (const id of gone) this.#lift(id, at);
    for (const ban of fresh) this.#set(ban);
    return { changed: gone.length + fresh.length > 0, refused };
  }

  #set(ban: Ban): void {
    // One that was lifted before would stay so.
    if (this.#table.get(ban.id)?.lifted) this.#table.delete(ban.id);
    this.#table.set(ban);
    this.#ids.add(ban.id);
  }

  /** Lifted rather than forgotten: it is taken back on networks, too. */
  #lift(id: string, at: string): void {
    this.#ids.delete(id);
    const ban = this.#table.get(id);
    if (ban === null) return;
    const { author, name } = ban.by;
    this.#table.set({ ...ban, lifted: { by: { author, name }, at, reason: 'the document has it no more' } });
  }
}

function banOf(source: string, ban: DocumentBan, match: Match, at: string): Ban {
  const { kind, network = null, room = null, reason, until = null } = ban;
  return {
    id: idOf(source, ban),
    kind,
    match,
    scope: { network, room },
    reason,
    by: { author: `${HEAD}${source}`, name: `the document ${source}`, role: 'owner' },
    at,
    until,
    dryRun: false,
    seen: null,
    lifted: null,
  };
}

/** The same on every gateway, and after a restart: what was done on networks is found again by it. */
function idOf(source: string, ban: DocumentBan): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([source, Object.entries(ban).sort()]))
    .digest();
  const digits = [...bytes.subarray(0, ID_LENGTH)].map((byte) => DIGITS[byte % DIGITS.length]);
  return `${ban.kind.charAt(0)}${digits.join('')}`;
}

function matchOf({ by, target }: DocumentBan): object {
  const fields = { author: 'author', mask: 'mask', ip: 'range', nick: 'glob', text: 'pattern' } as const;
  return { by, [fields[by]]: target };
}
