/**
 * Looks now and then whether every server's copy of the streams is what the others have. What can be wrong:
 * comparison.ts; what that means for consumers: misled.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type BusAddress, type Holdings, openProbe, type Probe } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { Comparison } from './comparison.js';
import { Misled, type Stretches } from './misled.js';

/** While an odd server is still there: how soon it is seen that it is gone. */
const SOON_MS = 250;
const WINDOW_MS = 500;
/** Looks in a row, at most: while much is said, two copies end alike only in one that is quick after the other. */
const LOOKS = 10;
/** Once is no proof. */
const ROUNDS = 2;

export interface CopiesSource {
  /** The system user of this server. */
  readonly address: BusAddress;
  /** The room log. */
  readonly stream: string;
  /** Others that can be compared (comparison.ts says which cannot). */
  readonly others: readonly string[];
  /** Names of this server, and of all of the cluster. */
  readonly self: string;
  readonly servers: readonly string[];
  readonly everyMs: number;
  /** This server's copy of a stream was found to be another than that of most. */
  readonly odd: (stream: string) => void;
  /** Another's copy of the room log was, which that server finds itself if it can. */
  readonly suspected: (server: string) => void;
  /** The same, and that server is away now. */
  readonly misled: (stretches: Stretches) => void;
}

/** Goes on until the signal is aborted, then rejects. */
export async function watchCopies(source: CopiesSource, signal: AbortSignal, log: Logger): Promise<never> {
  const watch = new CopiesWatch(source);
  let probe = null as Probe | null;
  try {
    for (;;) {
      try {
        probe ??= await openProbe(source.address, log);
        await watch.look(probe);
      } catch (error) {
        log.debug('cannot compare the copies yet', { reason: reasonOf(error) });
      }
      await pause(watch.waits ? Math.min(SOON_MS, source.everyMs) : source.everyMs, undefined, { signal });
    }
  } finally {
    await probe?.close();
  }
}

class CopiesWatch {
  readonly #source: CopiesSource;
  readonly #log: Comparison;
  readonly #comparisons: ReadonlyMap<string, Comparison>;
  readonly #misled: Misled;
  /** Rounds in a row in which this server's copy of a stream was odd. */
  readonly #rounds = new Map<string, number>();
  #roundAtMs = Number.NEGATIVE_INFINITY;

  constructor(source: CopiesSource) {
    const { stream, others, self } = source;
    this.#source = source;
    this.#log = new Comparison(stream);
    this.#comparisons = new Map([
      [stream, this.#log],
      ...others.map((other) => [other, new Comparison(other)] as const),
    ]);
    this.#misled = new Misled(stream, self);
  }

  get waits(): boolean {
    return this.#misled.suspects.length > 0;
  }

  async look(probe: Probe): Promise<void> {
    const { servers, everyMs } = this.#source;
    const answers = await probe.holdings(WINDOW_MS, servers.length);
    const now = performance.now();
    // In between it is only looked who is there.
    const isRound = now - this.#roundAtMs >= everyMs / 2;
    if (isRound) this.#roundAtMs = now;
    for (const comparison of this.#comparisons.values()) {
      if (isRound) comparison.round(answers, servers);
      else comparison.add(answers);
    }
    this.#lookAtOthers(answers);
    if (!isRound) return;
    await this.#lookAgain(probe);
    for (const [stream, comparison] of this.#comparisons) this.#lookAtOwn(stream, comparison);
  }

  async #lookAgain(probe: Probe): Promise<void> {
    const { servers } = this.#source;
    for (let looks = 1; looks < LOOKS && !this.#log.endAlike(servers); looks += 1) {
      const answers = await probe.holdings(WINDOW_MS, servers.length);
      for (const comparison of this.#comparisons.values()) comparison.add(answers);
      this.#lookAtOthers(answers);
    }
  }

  #lookAtOwn(stream: string, comparison: Comparison): void {
    const { self, servers, odd } = this.#source;
    const rounds = comparison.isOdd(self, servers) ? (this.#rounds.get(stream) ?? 0) + 1 : 0;
    this.#rounds.set(stream, rounds % ROUNDS);
    if (rounds === ROUNDS) odd(stream);
  }

  #lookAtOthers(answers: readonly Holdings[]): void {
    const { servers, misled, suspected } = this.#source;
    const before = this.#misled.suspects;
    for (const stretches of this.#misled.look(answers, servers, this.#log)) misled(stretches);
    for (const server of this.#misled.suspects) if (!before.includes(server)) suspected(server);
  }
}
