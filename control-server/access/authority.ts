/**
 * Who may give and take what. Nobody gives more than they have, in a wider place or for longer; nobody takes what they
 * could not give.
 *
 * A role counts as more than its permissions: it is given only by those of that role or a higher one, so that it stays
 * true when a role comes to include more.
 */
import type { Caller } from '../call.js';
import { CommandError } from '../command.js';
import { endOf, type Grant, type Point, pointsOf } from './grant.js';
import { isRole, roleFor, wordsGiving } from './roles.js';
import type { Rules } from './rules.js';
import { isHostmask, isVouchedFor, sameHost, shown } from './subject.js';
import { BY_CONFIG, isOwnership, type Table } from './table.js';

export class Authority {
  readonly #table: Table;
  readonly #rules: Rules;

  constructor(table: Table, rules: Rules) {
    this.#table = table;
    this.#rules = rules;
  }

  /** Throws CommandError when the caller may not give this. */
  checkGiving(caller: Caller, grant: Grant): void {
    refuseUnverified(caller);
    if (grant.gives === 'owner' && isHostmask(grant.subject)) {
      throw new CommandError('A hostmask cannot be owner: hosts change hands. Grant it to an account.');
    }
    this.#checkHolding(caller, 'grant', grant, endOf(grant));
    if (grant.gives === 'muted') this.#checkMuting(caller, grant);
  }

  /** Throws CommandError when the caller may not take this. */
  checkTaking(caller: Caller, grant: Grant): void {
    refuseUnverified(caller);
    if (grant.id === BY_CONFIG) {
      throw new CommandError(
        `${shown(grant.subject)} is owner by the config file. Change access.owners there and reload.`,
      );
    }
    this.#checkHolding(caller, 'revoke', grant, 0);
    const remaining = this.#table.ownerships().filter(({ id }) => id !== grant.id);
    if (isOwnership(grant) && !isHostmask(grant.subject) && remaining.length === 0) {
      throw new CommandError(`${shown(grant.subject)} is the last owner. Make another one first.`);
    }
  }

  #checkHolding(caller: Caller, permission: string, grant: Grant, end: number): void {
    for (const point of pointsOf(grant.scope)) {
      const { network, room } = point;
      const refused = this.#rules.refusal(caller, permission, { network, room });
      if (refused !== null) throw new CommandError(refused);
      if (grant.gives !== 'muted') this.#checkHas(caller, grant.gives, point, end);
    }
  }

  #checkHas(caller: Caller, gives: string, point: Point, end: number): void {
    const reaches = this.#rules.reachesOf(caller);
    const ends = wordsGiving(gives).flatMap((word) => reaches.map((reach) => reach.until(word, point)));
    const latest = Math.max(0, ...ends);
    const now = this.#rules.now();
    if (latest <= now) {
      const needed = isRole(gives) ? gives : roleFor(gives);
      throw new CommandError(
        `You do not have ${gives} ${placeOf(point)} yourself. Narrow it with --network or --room, or ask somebody who is ${needed} there.`,
      );
    }
    if (latest < end) {
      const last = new Date(latest).toISOString();
      throw new CommandError(
        `You have ${gives} ${placeOf(point)} until ${last} only. End it by then with --until ${last}.`,
      );
    }
  }

  /** Whoever is muted loses what they have: it must be the caller's to take. */
  #checkMuting(caller: Caller, { subject, scope }: Grant): void {
    for (const { network, room } of pointsOf(scope)) {
      const refused = this.#rules.refusal(caller, 'mute', { network, room });
      if (refused !== null) throw new CommandError(refused);
    }
    const person = this.#table.personOf(subject);
    const others = isHostmask(subject)
      ? this.#table.subjects().filter((each) => sameHost(each, subject))
      : [];
    const theirs = [
      ...this.#table.grantsOfPerson(person),
      ...others.flatMap((each) => this.#table.grantsTo(each)),
    ];
    for (const grant of theirs) if (grant.gives !== 'muted') this.checkTaking(caller, grant);
  }
}

function refuseUnverified(caller: Caller): void {
  if (isVouchedFor(caller)) return;
  throw new CommandError('Nobody vouches for who you are. Log in to your account first, then say it again.');
}

function placeOf({ network, room, command }: Point): string {
  if (network === null && room === null && command === null) return 'everywhere';
  return [
    command === null ? '' : `for ${command}`,
    room === null ? '' : `in ${room}`,
    network === null ? '' : `on ${network}`,
  ]
    .filter((each) => each !== '')
    .join(' ');
}
