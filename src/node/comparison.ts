/**
 * Finds the copy of a stream that is not like the others.
 *
 * Problem: a leader of nats-server 2.9.10 that was deposed keeps what it had written and nobody else had, in place of what
 * the others wrote there: its copy lacks events for good, may count differently, and is called current. Idea: no two
 * messages of a stream have the same time, and every copy has the times that the leader gave. Two copies that ended with
 * the same sequence, be it not at the same moment, and with other times, are not the same from some point on, even where
 * they end alike later. Nor is one that its leader calls current, and that ends elsewhere than most while all of them rest.
 * Nor is one that is not there at all, for long, at a server that its leader counts as a member: resetting a copy, the server
 * may give it up without a word, and consumers that it leads get nothing.
 * Why it is safe: what is written is never taken back, and the majority is right; where three differ, nobody is told so.
 * A copy that has become shorter is another one, of which nothing is known. What it cannot do: see a copy that lacks
 * something in the middle and ends like the others whenever it is looked at. Not for streams whose messages are deleted
 * one by one: a copy made anew has another time in the gap.
 */
import type { Holdings } from '../bus/index.js';

/** Sequences at which copies were seen to end; older ones are forgotten. */
const REMEMBERED = 2000;

/** A server that starts, or gets a copy anew, is without it for a moment. */
const LACKING_MS = 20_000;

interface Relation {
  /** The latest at which both were seen to end alike; 0: never. */
  readonly same: number;
  /** The first at which they were seen to end otherwise, or null. */
  readonly other: number | null;
}

const STRANGERS: Relation = { same: 0, other: null };

export class Comparison {
  readonly #stream: string;
  /** Per sequence: the time of the message there, by server. */
  readonly #ends = new Map<number, Map<string, string>>();
  readonly #relations = new Map<string, Relation>();
  /** Where each copy was seen to end. */
  readonly #lengths = new Map<string, number>();
  /** How copies ended in the last round. */
  #before = new Map<string, string>();
  /** Since when a server has no copy, though it should; by the clock. */
  readonly #lacking = new Map<string, number>();
  readonly #clock: () => number;
  /** Copies that rested, and end elsewhere than most, which rested too. */
  #resting: ReadonlySet<string> = new Set();

  /** `clock`: monotonic, ms. */
  constructor(stream: string, clock: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** How the copies end now. */
  add(answers: readonly Holdings[]): void {
    for (const { server, groups } of answers) {
      const own = groups.find(({ stream, consumer }) => stream === this.#stream && consumer === null);
      if (own === undefined) continue;
      const length = own.last?.sequence ?? 0;
      if (length < (this.#lengths.get(server) ?? 0)) this.forget(server);
      this.#lengths.set(server, length);
      if (own.last !== null) this.#ended(server, own.last.sequence, own.last.time);
    }
  }

  /** The same, after a while without looking. */
  round(answers: readonly Holdings[], servers: readonly string[]): void {
    this.add(answers);
    this.#noteLacking(answers);
    const now = new Map<string, string>();
    const current = new Set<string>();
    for (const { server, groups } of answers) {
      const own = groups.find(({ stream, consumer }) => stream === this.#stream && consumer === null);
      if (own === undefined) continue;
      now.set(server, own.last === null ? '' : `${own.last.sequence} ${own.last.time}`);
      if (own.leader === server) current.add(server);
      for (const follower of own.followers) if (follower.current) current.add(follower.server);
    }
    const rested = [...now].filter(
      ([server, end]) => this.#before.get(server) === end && current.has(server),
    );
    this.#before = now;
    const most = rested.find(
      ([, end]) => rested.filter(([, other]) => other === end).length > servers.length / 2,
    )?.[1];
    const elsewhere = rested.filter(([, end]) => most !== undefined && end !== most);
    this.#resting = new Set(elsewhere.map(([server]) => server));
  }

  /** All of them ended with the same message when the last round began. */
  endAlike(servers: readonly string[]): boolean {
    return this.#before.size === servers.length && new Set(this.#before.values()).size === 1;
  }

  /** True when this server's copy is another than one that most of `servers` (this one too) have. */
  isOdd(server: string, servers: readonly string[]): boolean {
    if (this.#resting.has(server) || this.#lacks(server)) return true;
    const others = servers.filter((other) => other !== server);
    return others.some(
      (other) => this.#isAlone(server, other, servers) && !this.#isAlone(other, server, servers),
    );
  }

  /** The latest sequence up to which this server's copy was seen to be that of most of `servers`; 0: never. */
  soundUpTo(server: string, servers: readonly string[]): number {
    const likenesses = servers
      .filter((other) => other !== server)
      .map((other) => this.#relation(server, other))
      .map(({ same, other }) => (other === null ? same : Math.min(same, other - 1)))
      .sort((one, other) => other - one);
    return likenesses[Math.floor(servers.length / 2) - 1] ?? 0;
  }

  /** Its copy may be another one now. */
  forget(server: string): void {
    for (const times of this.#ends.values()) times.delete(server);
    for (const key of this.#relations.keys())
      if (key.split(' ').includes(server)) this.#relations.delete(key);
    this.#lengths.delete(server);
    this.#before.delete(server);
    this.#lacking.delete(server);
  }

  #lacks(server: string): boolean {
    const since = this.#lacking.get(server);
    return since !== undefined && this.#clock() - since >= LACKING_MS;
  }

  #noteLacking(answers: readonly Holdings[]): void {
    const members = new Set(
      answers
        .flatMap(({ server, groups }) => groups.filter(({ leader }) => leader === server))
        .filter(({ stream, consumer }) => stream === this.#stream && consumer === null)
        .flatMap(({ followers }) => followers.map(({ server }) => server)),
    );
    const now = this.#clock();
    for (const { server, groups } of answers) {
      const has = groups.some(({ stream, consumer }) => stream === this.#stream && consumer === null);
      if (has) this.#lacking.delete(server);
      else if (members.has(server) && !this.#lacking.has(server)) this.#lacking.set(server, now);
    }
  }

  /** Most are with `other` where the copy of `server` is not like that. */
  #isAlone(server: string, other: string, servers: readonly string[]): boolean {
    const { other: sequence } = this.#relation(server, other);
    if (sequence === null) return false;
    const alike = servers
      .filter((third) => third !== server && third !== other)
      .filter((third) => {
        const relation = this.#relation(other, third);
        return relation.other === null && relation.same >= sequence;
      });
    return alike.length + 1 > servers.length / 2;
  }

  #ended(server: string, sequence: number, time: string): void {
    const here = this.#ends.get(sequence) ?? new Map<string, string>();
    // The latest at the end, so that the oldest are forgotten first.
    this.#ends.delete(sequence);
    this.#ends.set(sequence, here);
    here.set(server, time);
    for (const [other, otherTime] of here) {
      if (other !== server) this.#relate(server, other, sequence, time === otherTime);
    }
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > REMEMBERED && oldest !== undefined) this.#ends.delete(oldest);
  }

  #relate(one: string, other: string, sequence: number, isSame: boolean): void {
    const before = this.#relation(one, other);
    // What ends alike behind a difference is not the same: numbers may meet again.
    if (isSame && before.other !== null) return;
    const relation = isSame
      ? { same: Math.max(before.same, sequence), other: null }
      : { same: before.same, other: Math.min(before.other ?? sequence, sequence) };
    this.#relations.set(keyOf(one, other), relation);
  }

  #relation(one: string, other: string): Relation {
    return this.#relations.get(keyOf(one, other)) ?? STRANGERS;
  }
}

function keyOf(one: string, other: string): string {
  return [one, other].sort().join(' ');
}
