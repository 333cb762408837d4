/** All bans that are known here, those in force compiled. Nothing in it waits: ends are looked up when lines come. */
import { BanIndex } from './ban-index.js';
import { ExpiryQueue } from './expiry-queue.js';
import type { IdentityOf } from './matcher.js';
import { effectKey } from './stored.js';
import type { TextBudget } from './text-pattern.js';
import { type Ban, type Effect, endOf, isInForce, type Speaker } from './types.js';

export class BanTable {
  readonly #clock: () => number;
  readonly #bans = new Map<string, Ban>();
  /** By ban, then by key. */
  readonly #effects = new Map<string, Map<string, Effect>>();
  readonly #index: BanIndex;
  readonly #ends = new ExpiryQueue();

  constructor(identityOf: IdentityOf, budget: TextBudget, clock: () => number) {
    this.#index = new BanIndex(identityOf, budget);
    this.#clock = clock;
  }

  set(ban: Ban): void {
    const known = this.#bans.get(ban.id);
    // Lifted stays lifted, whatever comes late.
    if (known?.lifted && !ban.lifted) return;
    this.#bans.set(ban.id, ban);
    if (isInForce(ban, this.#clock())) this.#enforce(ban);
    else this.#index.delete(ban.id);
  }

  #enforce(ban: Ban): void {
    this.#index.set(ban);
    const end = endOf(ban);
    if (end !== null) this.#ends.add(end, ban.id);
  }

  delete(id: string): void {
    this.#bans.delete(id);
    this.#index.delete(id);
    this.#effects.delete(id);
  }

  setEffect(effect: Effect): void {
    const effects = this.#effects.get(effect.ban) ?? new Map<string, Effect>();
    this.#effects.set(effect.ban, effects.set(effectKey(effect), effect));
  }

  /** `key`: as `effectKey` makes it. */
  deleteEffect(key: string): void {
    this.#effects.get(key.split(' ', 1)[0] ?? '')?.delete(key);
  }

  get(id: string): Ban | null {
    return this.#bans.get(id) ?? null;
  }

  /** Oldest first. */
  all(): readonly Ban[] {
    return [...this.#bans.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  inForce(): readonly Ban[] {
    const now = this.#clock();
    return this.all().filter((ban) => isInForce(ban, now));
  }

  effectsOf(id: string): readonly Effect[] {
    return [...(this.#effects.get(id)?.values() ?? [])];
  }

  effect(place: Pick<Effect, 'ban' | 'network' | 'channel'>): Effect | null {
    return this.#effects.get(place.ban)?.get(effectKey(place)) ?? null;
  }

  /** Those in force that match, whatever their scope. */
  matching(speaker: Speaker, text: () => string): readonly Ban[] {
    const now = this.#clock();
    for (let id = this.#ends.take(now); id !== null; id = this.#ends.take(now)) this.#expire(id, now);
    return this.#index.matching(speaker, text);
  }

  /** A ban whose end was moved has a later entry in the queue. */
  #expire(id: string, now: number): void {
    const ban = this.#bans.get(id);
    if (ban === undefined || !isInForce(ban, now)) this.#index.delete(id);
  }
}
