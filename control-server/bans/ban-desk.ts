/** Sets and lifts bans, whoever wants it: commands, the broadcasts' warnings. What is refused is decided before. */
import { randomInt } from 'node:crypto';
import { reasonOf } from '../../src/errors.js';
import { cutBytes, oneLine } from '../../src/message/index.js';
import { type Audit, CommandError, type Scope } from '../command.js';
import { lengthWords } from '../duration.js';
import type { BanTable } from './ban-table.js';
import { matchWords, scopeWords, targetOf } from './describe.js';
import { minuteOf } from './duration.js';
import type { Replica } from './replica.js';
import type { Ban, Kind, Match, Moderator, Seen } from './types.js';

const MAX_REASON_BYTES = 200;
/** Text patterns cost each line, globs a little. */
const MOST: Readonly<Partial<Record<Match['by'], number>>> = { text: 32, mask: 2_000, nick: 1_000 };
const MOST_IN_FORCE = 20_000;
const ID_DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 5;

export interface Wish {
  readonly kind: Kind;
  readonly match: Match;
  readonly scope: Scope;
  readonly reason: string;
  readonly by: Moderator;
  /** `irc:quakenet`, `http`: for the audit. */
  readonly from: string;
  /** Ms; null: until it is lifted. */
  readonly forMs: number | null;
  readonly dryRun?: boolean;
  readonly forced?: boolean;
  readonly seen?: Seen | null;
}

export interface BanDeskOptions {
  readonly table: BanTable;
  readonly replica: Replica;
  readonly audit: Audit;
  readonly clock: () => number;
}

export class BanDesk {
  readonly #options: BanDeskOptions;

  constructor(options: BanDeskOptions) {
    this.#options = options;
  }

  /**
   * In force here, and within milliseconds everywhere, when it resolves. Throws CommandError: the backbone is away, there
   * is such a ban already, or there are too many.
   */
  async set(wish: Wish): Promise<Ban> {
    this.#checkRoom(wish);
    const ban = this.#banOf(wish);
    await kept(this.#options.replica.putBan(ban));
    await this.#record(ban, wish.by, wish.from, wish.kind, {
      until: ban.until,
      reason: ban.reason,
      dryRun: ban.dryRun,
      forced: wish.forced === true,
    });
    return ban;
  }

  /** As `set`. */
  async lift(ban: Ban, by: Pick<Moderator, 'author' | 'name'>, from: string, reason: string): Promise<Ban> {
    const at = new Date(this.#options.clock()).toISOString();
    const lifted: Ban = { ...ban, lifted: { by, at, reason: line(reason) } };
    await kept(this.#options.replica.putBan(lifted));
    await this.#record(lifted, by, from, `un${ban.kind}`, { reason: lifted.lifted?.reason });
    return lifted;
  }

  /** Not on time: the ban is in force, and whoever asked is told that nobody could write it down. */
  async #record(
    ban: Ban,
    by: Pick<Moderator, 'author' | 'name'>,
    from: string,
    action: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    try {
      await this.#options.audit({
        actor: by.author,
        name: by.name,
        from,
        action,
        target: targetOf(ban.match),
        scope: ban.scope,
        detail: { id: ban.id, by: ban.match.by, ...detail },
        outcome: 'done',
      });
    } catch (error) {
      throw new CommandError(
        `${ban.id}: the ${action} is in force, but is not on record (${reasonOf(error)}). Tell whoever runs the gateway.`,
      );
    }
  }

  #checkRoom({ match, kind, scope }: Wish): void {
    const present = this.#options.table.inForce();
    const same = present.find(
      (ban) => ban.kind === kind && isSame(ban.match, match) && isSame(ban.scope, scope),
    );
    if (same !== undefined) {
      const end = same.until === null ? 'permanently' : `until ${minuteOf(same.until)}`;
      const dry = same.dryRun ? ' as a dry run' : '';
      throw new CommandError(
        `${same.id} does that already, ${end}${dry}. To change it, lift it first: un${kind} ${same.id}.`,
      );
    }
    const limit = MOST[match.by];
    const alike = present.filter((ban) => ban.match.by === match.by).length;
    if (present.length < MOST_IN_FORCE && (limit === undefined || alike < limit)) return;
    throw new CommandError(
      `There are ${alike} bans by ${match.by} already. Lift some, or join patterns: a|b.`,
    );
  }

  #banOf({ kind, match, scope, reason, by, forMs, dryRun, seen }: Wish): Ban {
    const now = this.#options.clock();
    return {
      id: this.#freeId(kind),
      kind,
      match,
      scope,
      reason: line(reason),
      by: { ...by, name: line(by.name) },
      at: new Date(now).toISOString(),
      until: forMs === null ? null : new Date(now + forMs).toISOString(),
      dryRun: dryRun === true,
      seen: seen ?? null,
      lifted: null,
    };
  }

  /** One of 33 million: two gateways that draw the same one within a moment are not to be expected. */
  #freeId(kind: Kind): string {
    for (;;) {
      const digits = Array.from({ length: ID_LENGTH }, () => ID_DIGITS.charAt(randomInt(ID_DIGITS.length)));
      const id = `${kind.charAt(0)}${digits.join('')}`;
      if (this.#options.table.get(id) === null) return id;
    }
  }
}

/** `b3k7xq: banned nick spam* in quakeworld for 2h.` */
export function setWords(ban: Ban): string {
  const length =
    ban.until === null ? 'permanently' : `for ${lengthWords(Date.parse(ban.until) - Date.parse(ban.at))}`;
  const verb = ban.kind === 'ban' ? 'banned' : 'muted';
  const dry = ban.dryRun ? 'only counted, not ' : '';
  return `${ban.id}: ${dry}${verb} ${matchWords(ban.match)} ${scopeWords(ban.scope)} ${length}. Undo: un${ban.kind} ${ban.id}`;
}

function isSame(a: Match | Scope, b: Match | Scope): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

function line(text: string): string {
  return cutBytes(oneLine(text).trim(), MAX_REASON_BYTES, '…');
}

async function kept(put: Promise<void>): Promise<void> {
  try {
    await put;
  } catch (error) {
    throw new CommandError(
      `Nothing was changed: the backbone is away (${reasonOf(error)}). Try again in a minute.`,
    );
  }
}
