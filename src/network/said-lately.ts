/**
 * Which events were said on one network lately, here or by another gateway.
 *
 * Problem: what an owner has said it acknowledges, and that counts only when the log's own copy of the event has come and
 * the consumer's leader has heard of it: milliseconds later, or many seconds while there is no leader. When it dies or is
 * cut off in between, the log offers those events to the next owner, who would say them again. Idea: gateways that may
 * own the network tell each other at once what is said, and remember it; who hears it answers, and what nobody answers for is told
 * again until somebody does. Who comes later, or was cut off, asks, and everybody tells the latest that they remember.
 * Why it is safe: only what the network has confirmed is told; who does not hear it says a line
 * twice, as before. What it cannot do: know of lines that the network took and had not confirmed yet, nor of those
 * that no other gateway had heard of when the next one began: window.ts keeps them few.
 */
import type { Bus, Subscription } from '../bus/index.js';
import { newId } from '../message/index.js';
import { TIMINGS } from '../ownership/index.js';
import { Untold } from './untold.js';

/** Events of each of two generations: 2 MB for a network that has said so many. */
const GENERATION = 8192;
/** Told again after a reconnect: what was said in so long before it, and no more than so many at once. */
const AGAIN_MS = 30_000;
const AT_ONCE = 4096;
/** What nobody has answered for is told again so often. */
const REPEAT_MS = 250;

export interface SaidLatelyOptions {
  readonly bus: Pick<Bus, 'tell' | 'hear' | 'onState'>;
  readonly network: string;
  /** No other gateway can own it now: nothing is told. */
  readonly alone: () => boolean;
}

/** What is told: ids, and in the last place who wants to be answered. Gateways that do not answer pass over that. */
type Words = readonly (string | { readonly answer: string })[];

export class SaidLately {
  readonly #options: SaidLatelyOptions;
  /** As other gateways know this one's memory. */
  readonly #self = newId();
  readonly #subject: readonly string[];
  readonly #subscriptions: readonly Subscription[];
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();
  readonly #untold = new Untold(TIMINGS.ttlMs);
  /** Said in this turn of the event loop. */
  #fresh: string[] = [];
  /** What we have told, with the time, the oldest first. */
  #told: { readonly ids: readonly string[]; readonly atMs: number }[] = [];
  #repeat: NodeJS.Timeout | null = null;
  #onTold: (known: number) => void = () => {};
  #stopped = false;

  constructor(options: SaidLatelyOptions) {
    this.#options = options;
    const { bus, network } = options;
    this.#subject = ['network', network, 'said'];
    this.#subscriptions = [
      bus.hear(this.#subject, (body) => this.#heard(body)),
      bus.hear(this.#answersTo(this.#self), (body) => this.#answered(idsOf(body))),
      bus.hear(this.#recalls, (body) => this.#recalled(body)),
    ];
    bus.onState((state) => {
      if (state === 'connected' && !this.#stopped) this.#back();
    });
    this.#recall();
  }

  /** `key`: an event id, or that with a channel: see `keyOf`. */
  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** The network has confirmed it, or it is over for another reason. */
  add(key: string): void {
    this.#remember(key);
    if (this.#options.alone()) return;
    this.#untold.add(key, performance.now());
    this.#fresh.push(key);
    if (this.#fresh.length === 1) setImmediate(() => this.#tellFresh());
  }

  /** What is said and known to no other gateway, as far as we know; null: there is none that would know it. */
  get untold(): number | null {
    return this.#options.alone() ? null : this.#untold.count(performance.now());
  }

  /**
   * The network is ours now: finds out whether anybody answers. `onTold` hears of how many more another gateway knows, and
   * now and then (0) while some are untold: perhaps nobody is waited for any more.
   */
  begin(onTold: (known: number) => void): void {
    this.#onTold = onTold;
    if (!this.#options.alone()) this.#ask([]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#repeat !== null) clearTimeout(this.#repeat);
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
  }

  get #recalls(): readonly string[] {
    return ['network', this.#options.network, 'recall'];
  }

  #back(): void {
    this.#tellAgain();
    this.#recall();
  }

  /** Asks for what others remember. */
  #recall(): void {
    if (!this.#options.alone()) this.#options.bus.tell(this.#recalls, { asker: this.#self });
  }

  #recalled(body: unknown): void {
    const isOwn = typeof body === 'object' && body !== null && 'asker' in body && body.asker === this.#self;
    const latest = [...this.#old, ...this.#young].slice(-AT_ONCE);
    if (!isOwn && latest.length > 0) this.#options.bus.tell(this.#subject, latest);
  }

  #answersTo(gateway: string): readonly string[] {
    return ['network', this.#options.network, 'known', gateway];
  }

  #tellFresh(): void {
    const ids = this.#fresh;
    this.#fresh = [];
    this.#told.push({ ids, atMs: performance.now() });
    this.#forgetOld();
    this.#ask(ids);
    this.#repeatLater();
  }

  #ask(ids: readonly string[]): void {
    this.#options.bus.tell(this.#subject, [...ids, { answer: this.#self }] satisfies Words);
  }

  #tellAgain(): void {
    this.#forgetOld();
    const ids = this.#told.flatMap((told) => told.ids);
    for (let i = 0; i < ids.length; i += AT_ONCE)
      this.#options.bus.tell(this.#subject, ids.slice(i, i + AT_ONCE));
    this.#askAgain();
  }

  #askAgain(): void {
    const ids = this.#untold.toRepeat(performance.now());
    for (let i = 0; i < ids.length; i += AT_ONCE) this.#ask(ids.slice(i, i + AT_ONCE));
    if (ids.length > 0) this.#repeatLater();
  }

  #repeatLater(): void {
    if (this.#stopped) return;
    this.#repeat ??= setTimeout(() => {
      this.#repeat = null;
      this.#askAgain();
      this.#onTold(0);
    }, REPEAT_MS).unref();
  }

  #forgetOld(): void {
    const sinceMs = performance.now() - AGAIN_MS;
    let old = 0;
    while ((this.#told[old]?.atMs ?? sinceMs) < sinceMs) old += 1;
    // Now and then: a move of all that stays costs more than it frees.
    if (old > this.#told.length / 2) this.#told = this.#told.slice(old);
  }

  #heard(body: unknown): void {
    const asker = askerOf(body);
    if (asker === this.#self) return;
    const ids = idsOf(body);
    for (const id of ids) if (!this.has(id)) this.#remember(id);
    if (asker !== null) this.#options.bus.tell(this.#answersTo(asker), ids);
  }

  #answered(ids: readonly string[]): void {
    const now = performance.now();
    const wasSilent = this.#untold.count(now) === null;
    const known = this.#untold.answered(ids, now);
    if (wasSilent) this.#askAgain();
    this.#onTold(known);
  }

  #remember(id: string): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(id);
  }
}

/** Of an event that is to be said in several channels of the network: one of them. Ids have no spaces. */
export function keyOf(id: string, channel: string): string {
  return `${id} ${channel}`;
}

function idsOf(body: unknown): readonly string[] {
  return Array.isArray(body) ? body.filter((id) => typeof id === 'string') : [];
}

function askerOf(body: unknown): string | null {
  const last: unknown = Array.isArray(body) ? body.at(-1) : null;
  if (typeof last !== 'object' || last === null || !('answer' in last)) return null;
  return typeof last.answer === 'string' ? last.answer : null;
}
