/**
 * From where on consumers may have been led past messages by a server whose copy of the log is odd (comparison.ts).
 *
 * Problem: what a consumer is given comes from its leader's copy, and what that copy lacks is passed over for good. When
 * the odd copy is found, it is not known which consumers it has led, nor since when. Idea: up to where a copy was seen to
 * be like the others it was right, and while a server was away it led nothing: what each consumer had acknowledged by then
 * is not in doubt. (What was only given may be given once more, by the odd one.) Told once the server is away, to be
 * given its copy anew: what is read from then on is right. Every other server looks by itself: one that dies takes
 * nothing with it. Why it is safe: too early a start costs a second reading, no more. What it cannot do: know what a
 * server did that came, was odd and went again before anybody looked.
 */
import type { Holdings } from '../bus/index.js';
import type { Comparison } from './comparison.js';

/** By consumer: the first sequence that it may have been led past. */
export type Stretches = ReadonlyMap<string, number>;

export class Misled {
  readonly #stream: string;
  readonly #self: string;
  /** By server: what consumers had acknowledged when it was not there, or was seen first. */
  readonly #acknowledged = new Map<string, Stretches>();
  /** Not there when last looked; once may be a slow answer. */
  #missed: ReadonlySet<string> = new Set();
  /** Odd ones that are still there, with the sequence up to which they were right. */
  readonly #suspects = new Map<string, number>();

  constructor(stream: string, self: string) {
    this.#stream = stream;
    this.#self = self;
  }

  /** Odd servers that are there: what they have led is to be known soon after they are gone. */
  get suspects(): readonly string[] {
    return [...this.#suspects.keys()];
  }

  /** After `comparison` was told of the same answers: for each odd server that is away now, once. */
  look(
    answers: readonly Holdings[],
    servers: readonly string[],
    comparison: Comparison,
  ): readonly Stretches[] {
    const here = new Set(answers.map(({ server }) => server));
    // Those who see few may be the ones that are away.
    if (here.size <= servers.length / 2) return [];
    const found: Stretches[] = [];
    for (const server of servers.filter((name) => name !== this.#self)) {
      if (comparison.isOdd(server, servers) && !this.#suspects.has(server))
        this.#suspects.set(server, comparison.soundUpTo(server, servers));
      const sound = this.#suspects.get(server);
      if (sound !== undefined && !here.has(server)) {
        found.push(behind(sound, this.#acknowledged.get(server) ?? new Map(), this.#acknowledgedIn(answers)));
        this.#suspects.delete(server);
        comparison.forget(server);
      }
      const isAway = !here.has(server) && this.#missed.has(server);
      if (!this.#acknowledged.has(server) || (isAway && !this.#suspects.has(server)))
        this.#acknowledged.set(server, this.#acknowledgedIn(answers));
    }
    this.#missed = new Set(servers.filter((server) => !here.has(server)));
    return found;
  }

  /** The furthest that any of them knows of. */
  #acknowledgedIn(answers: readonly Holdings[]): Stretches {
    const floors = new Map<string, number>();
    for (const { stream, consumer, acknowledged = 0 } of answers.flatMap(({ groups }) => groups)) {
      if (stream === this.#stream && consumer !== null)
        floors.set(consumer, Math.max(acknowledged, floors.get(consumer) ?? 0));
    }
    return floors;
  }
}

function behind(sound: number, before: Stretches, now: Stretches): Stretches {
  return new Map(
    [...now.keys()].map((consumer) => [consumer, Math.max(sound, before.get(consumer) ?? 0) + 1]),
  );
}
