/** Who may do what. Answers from memory, at once, also while the backbone is away. */
import type { ParleyConfig } from '../../src/config/index.js';
import type { Caller } from '../call.js';
import type { Access, Scope } from '../command.js';
import type { Point } from './grant.js';
import { Reach } from './reach.js';
import { isForAll, permissionsOf, ROLES, type Role, roleFor, wordsGiving } from './roles.js';
import { isVouchedFor, masksOf } from './subject.js';
import { ownerFor, type Table } from './table.js';

/** As much of the config as it takes. */
export type RulesConfig = Pick<ParleyConfig, 'access' | 'networks' | 'rooms'>;

/** An HTTP token of the scope `admin`. */
const BY_TOKEN: readonly Reach[] = [new Reach([ownerFor('admin')])];
/** Giving rights away is nothing that one has only for as long as a channel lets one. */
const NEVER_BY_RANK: ReadonlySet<string> = new Set(['grant', 'revoke']);

export class Rules implements Access {
  readonly #table: Table;
  readonly #config: () => RulesConfig;
  readonly #now: () => number;

  constructor(table: Table, config: () => RulesConfig, now: () => number) {
    this.#table = table;
    this.#config = config;
    this.#now = now;
  }

  refusal(caller: Caller, permission: string, scope: Scope): string | null {
    const point = pointOf(permission, scope);
    const reaches = this.reachesOf(caller);
    if (this.#isMuted(reaches, point)) return MUTED;
    if (isForAll(permission) || this.#holds(reaches, permission, point)) return null;
    if (this.#hasByRank(caller, permission, scope)) return null;
    return sentence(caller, permission, scope);
  }

  identityOf(author: string): string | null {
    return this.#table.identityOf(author);
  }

  /** Whether there is any place where they may: before a command is called that looks at the place itself. */
  mayAnywhere(caller: Caller, permission: string): boolean {
    const reaches = this.reachesOf(caller);
    const now = this.#now();
    const given = (word: string) => reaches.some((reach) => reach.untilAnywhere(word) > now);
    const everywhere = (word: string) => reaches.some((reach) => reach.untilEverywhere(word) > now);
    if (everywhere('muted') && !everywhere('owner')) return false;
    if (isForAll(permission) || wordsGiving(permission).some(given)) return true;
    return caller.rooms.some((room) =>
      this.#hasByRank(caller, permission, { network: caller.network, room }),
    );
  }

  roleOf(author: string): Role {
    const reach = this.#table.reachOf(this.#table.personOf(author));
    const now = this.#now();
    return ROLES.find((role) => role !== 'muted' && reach.untilAnywhere(role) > now) ?? 'user';
  }

  /** ms since 1970. */
  now(): number {
    return this.#now();
  }

  /** What bears on a caller: of an account its own and its person's, of somebody not logged in that of hostmasks. */
  reachesOf(caller: Caller): readonly Reach[] {
    if (caller.admin === true && caller.network === null) return BY_TOKEN;
    if (isVouchedFor(caller)) return [this.#table.reachOf(this.#table.personOf(caller.author))];
    const masks = caller.network === null ? [] : masksOf(caller.author, caller.network);
    return masks.map((mask) => this.#table.reachOf(mask));
  }

  #holds(reaches: readonly Reach[], word: string, point: Point): boolean {
    const now = this.#now();
    return wordsGiving(word).some((each) => reaches.some((reach) => reach.until(each, point) > now));
  }

  /** Owners of everything cannot be muted: somebody must be able to undo it. */
  #isMuted(reaches: readonly Reach[], point: Point): boolean {
    const now = this.#now();
    if (!reaches.some((reach) => reach.until('muted', point) > now)) return false;
    return !reaches.some((reach) => reach.untilEverywhere('owner') > now);
  }

  /** An operator of a channel, for what is done to that channel: not to others that the room or the network has. */
  #hasByRank(caller: Caller, permission: string, { network, room }: Scope): boolean {
    const { access, rooms } = this.#config();
    const role = access.channelOperators;
    if (role === null || caller.rank !== 'operator' || !isVouchedFor(caller)) return false;
    if (NEVER_BY_RANK.has(permission) || !permissionsOf(role).includes(permission)) return false;
    if (network === null || network !== caller.network || room === null || !caller.rooms.includes(room))
      return false;
    const there = rooms.get(room)?.channels.filter((each) => each.network === network) ?? [];
    return there.length > 0 && there.every(({ channel }) => channel === caller.channel);
  }
}

function pointOf(permission: string, { network, room, command }: Scope): Point {
  return { network, room, command: command ?? permission };
}

const MUTED = 'You are muted. Ask an operator to change that.';

function sentence(caller: Caller, permission: string, { network, room }: Scope): string {
  const where = [room ?? '', network === null ? '' : `on ${network}`].filter((each) => each !== '').join(' ');
  const what = `That takes the permission "${permission}"${where === '' ? '' : ` for ${where}`}`;
  if (!isVouchedFor(caller))
    return `${what}, and nobody vouches for who you are. Log in to your account first.`;
  return `${what}: the role ${roleFor(permission)} has it. Ask an owner for it.`;
}
