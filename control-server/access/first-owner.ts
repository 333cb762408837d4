/**
 * The first owner, by a code that the gateway shows where only those who run it can read.
 *
 * Problem: before there is an owner nobody can make one, and whoever is first on IRC must not become it by being first.
 * Idea: a code that proves that one can read what the gateway prints. Why it is safe:
 * - The bucket has its hash only, under one key: the code of the gateway that started last is the one that counts.
 * - It is good once over all gateways: `bus.once` lets one of all calls with this hash go on.
 * - It makes an owner only while there is none, ends after an hour, and tries are counted.
 * - Wrong, used up and too late sound the same.
 * - Said in a channel it is used up at once, as those who read along may be quicker.
 * What it cannot do: tell who of those that read the code was meant to.
 */
import type { Bus } from '../../src/bus/index.js';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import { newId } from '../../src/message/index.js';
import type { Caller } from '../call.js';
import { CommandError } from '../command.js';
import { hashOf, LONG, newCode } from './code.js';
import type { Grant } from './grant.js';
import { type CommandBucket, onBackbone } from './on-backbone.js';
import { NO_SCOPE, type Record } from './record.js';
import { isVouchedFor } from './subject.js';
import type { Table } from './table.js';
import { TRY_LIMITS, Tries } from './tries.js';

/** Shown to those who run the gateway, never logged or stored. */
export interface FirstOwnerCode {
  /** Said to the bot alone: `claim {code}`. */
  readonly code: string;
  readonly expires: Date;
}

export interface FirstOwnerOptions {
  readonly bus: Bus;
  readonly grants: CommandBucket;
  readonly table: Table;
  readonly record: Record;
  readonly show: (code: FirstOwnerCode) => void;
  readonly now: () => number;
  readonly log: Logger;
}

interface Offer {
  readonly hash: string;
  /** ms since 1970 */
  readonly until: number;
}

/** Key in the bucket GRANTS; ids of grants are longer. */
export const OFFER_KEY = 'first-owner';
const GOOD_FOR_MS = 60 * 60_000;
const WRONG =
  'That code is not good (any more). Look for the newest one where the gateway runs; a restart makes one.';
const PUBLIC =
  'Say that to me alone, never in a channel. If it was a code, it is void now and the gateway shows a new one.';

export class FirstOwner {
  readonly #options: FirstOwnerOptions;
  readonly #tries: Tries;
  #offer: Offer | null = null;
  /** Of the code that was shown here. */
  #shown: string | null = null;

  constructor(options: FirstOwnerOptions) {
    this.#options = options;
    this.#tries = new Tries(TRY_LIMITS, options.now);
  }

  /** The bucket tells what is on offer. */
  heard(value: unknown): void {
    this.#offer = readOffer(value);
    if (this.#shown === null || this.#offer === null || this.#offer.hash === this.#shown) return;
    this.#shown = null;
    this.#options.log.info('the code for the first owner that was shown here is void: there is a newer one');
  }

  /** Shows a code when there is no owner, unless it did; takes one back that is not needed. Never throws. */
  async offer(): Promise<void> {
    const { table, grants, log } = this.#options;
    try {
      if (table.ownerships().length === 0) await (this.#isShown() ? null : this.#renew());
      else if (this.#offer !== null) await grants.delete(OFFER_KEY);
    } catch (error) {
      log.warn('no code for a first owner could be made', { reason: reasonOf(error) });
    }
  }

  #isShown(): boolean {
    return (
      this.#offer !== null && this.#offer.hash === this.#shown && this.#offer.until > this.#options.now()
    );
  }

  /** Makes the caller owner. Throws CommandError. */
  async claim(caller: Caller, code: string): Promise<Grant> {
    const { table, now } = this.#options;
    if (caller.channel !== null) return this.#saidInPublic(caller, code);
    if (!isVouchedFor(caller)) {
      throw new CommandError(
        'Nobody vouches for who you are. Log in to your account first, then say it again.',
      );
    }
    this.#tries.take(caller.author);
    const offer = this.#offer;
    const isGood = offer?.hash === hashOf(code) && offer.until > now() && table.ownerships().length === 0;
    await this.#options.record.refusing(caller, deedOf(caller), () => {
      if (!isGood) throw new CommandError(WRONG);
    });
    return this.#take(caller, hashOf(code));
  }

  async #take(caller: Caller, hash: string): Promise<Grant> {
    const { record, grants, now, log } = this.#options;
    if (!(await this.#useUp(hash))) throw new CommandError(WRONG);
    const grant: Grant = {
      id: newId(),
      subject: caller.author,
      gives: 'owner',
      scope: {},
      by: 'claim',
      at: new Date(now()).toISOString(),
      reason: 'first owner',
    };
    try {
      await record.did(caller, deedOf(caller), () => grants.put(grant.id, grant));
    } catch (error) {
      await this.#replace();
      throw error;
    }
    log.info('there is a first owner', { owner: caller.author, grant: grant.id });
    await grants.delete(OFFER_KEY).catch(() => {});
    return grant;
  }

  /** The answer is the same for any word: a wrong one must not be told apart here either. */
  async #saidInPublic(caller: Caller, code: string): Promise<never> {
    const hash = hashOf(code);
    if (this.#offer?.hash === hash) {
      await this.#useUp(hash);
      this.#options.log.warn('the code for the first owner was said in a channel: it is void', {
        network: caller.network,
        channel: caller.channel,
      });
      await this.#replace();
    }
    throw new CommandError(PUBLIC);
  }

  /** The code that is on offer was used up. */
  async #replace(): Promise<void> {
    this.#shown = null;
    await this.offer();
  }

  #useUp(hash: string): Promise<boolean> {
    return onBackbone(() => this.#options.bus.once(`first-owner:${hash}`));
  }

  async #renew(): Promise<void> {
    const { grants, show, now, log } = this.#options;
    const code = newCode(LONG);
    const offer: Offer = { hash: hashOf(code), until: now() + GOOD_FOR_MS };
    await grants.put(OFFER_KEY, offer);
    if (this.#offer !== null && this.#offer.hash !== offer.hash) {
      log.info('there is no owner: another gateway shows the code for the first one');
      return;
    }
    this.#shown = offer.hash;
    log.info('there is no owner: a code for the first one is shown', { minutes: GOOD_FOR_MS / 60_000 });
    show({ code, expires: new Date(offer.until) });
  }
}

function deedOf({ author }: Caller) {
  return { action: 'claim', target: author, scope: NO_SCOPE, detail: { gives: 'owner' } };
}

function readOffer(value: unknown): Offer | null {
  if (typeof value !== 'object' || value === null) return null;
  const { hash, until } = value as Partial<Offer>;
  return typeof hash === 'string' && typeof until === 'number' ? { hash, until } : null;
}
