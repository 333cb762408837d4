/**
 * Which events were said on one network lately, here or by another gateway.
 *
 * Problem: what an owner has said it acknowledges, and that counts only when the log's own copy of the event has come and
 * the consumer's leader has heard of it: milliseconds later, or many seconds while there is no leader. When it dies or is
 * cut off in between, the log offers those events to the next owner, who would say them again. Idea: gateways that may
 * own the network tell each other at once what is said, again after a reconnect, and remember it. Why it is safe: only what the network has
 * confirmed is told; who does not hear it says a line twice, as before. What it cannot do: know of lines that the
 * network took and had not confirmed yet, nor of those that an owner says while it is cut off from the others, when the
 * next one begins before it is back.
 */
import type { Bus, Subscription } from '../bus/index.js';

/** Events of each of two generations: 2 MB for a network that has said so many. */
const GENERATION = 8192;
/** Told again after a reconnect: what was said in so long before it, and no more than so many at once. */
const AGAIN_MS = 30_000;
const AT_ONCE = 4096;

export interface SaidLatelyOptions {
  readonly bus: Pick<Bus, 'tell' | 'hear' | 'onState'>;
  readonly network: string;
  /** No other gateway can own it now: nothing is told. */
  readonly alone: () => boolean;
}

export class SaidLately {
  readonly #options: SaidLatelyOptions;
  readonly #words: readonly string[];
  readonly #hearing: Subscription;
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();
  /** Said in this turn of the event loop. */
  #untold: string[] = [];
  /** What we have told, with the time, the oldest first. */
  #told: { readonly ids: readonly string[]; readonly atMs: number }[] = [];
  #stopped = false;

  constructor(options: SaidLatelyOptions) {
    this.#options = options;
    this.#words = ['network', options.network, 'said'];
    this.#hearing = options.bus.hear(this.#words, (body) => this.#heard(body));
    options.bus.onState((state) => {
      if (state === 'connected' && !this.#stopped) this.#tellAgain();
    });
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  /** The network has confirmed it, or it is over for another reason. */
  add(id: string): void {
    this.#remember(id);
    if (this.#options.alone()) return;
    this.#untold.push(id);
    if (this.#untold.length === 1) setImmediate(() => this.#tell());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#hearing.stop();
  }

  #tell(): void {
    const ids = this.#untold;
    this.#untold = [];
    this.#told.push({ ids, atMs: performance.now() });
    this.#forgetOld();
    this.#options.bus.tell(this.#words, ids);
  }

  #tellAgain(): void {
    this.#forgetOld();
    const ids = this.#told.flatMap((told) => told.ids);
    for (let i = 0; i < ids.length; i += AT_ONCE)
      this.#options.bus.tell(this.#words, ids.slice(i, i + AT_ONCE));
  }

  #forgetOld(): void {
    const sinceMs = performance.now() - AGAIN_MS;
    let old = 0;
    while ((this.#told[old]?.atMs ?? sinceMs) < sinceMs) old += 1;
    // Now and then: a move of all that stays costs more than it frees.
    if (old > this.#told.length / 2) this.#told = this.#told.slice(old);
  }

  #heard(body: unknown): void {
    if (!Array.isArray(body)) return;
    for (const id of body) if (typeof id === 'string') this.#remember(id);
  }

  #remember(id: string): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(id);
  }
}
