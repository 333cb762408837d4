/**
 * The servers of a new cluster leave the bench one after the other.
 *
 * Problem: to let clients in each server is started again. When two of three do so at once the majority is lost: the mark
 * that is being made is never answered for, and elections follow that take 4–9 s each, or a minute when a server with an
 * old log keeps asking for votes. Idea: every server says whether it is on the bench (a tag that the others see). The one
 * that grew leaves first; the others, in the order of the members, when those before them have left, and all copies that
 * are up are level. Why safe: whoever waits here keeps the majority for the one that starts again. What it cannot do:
 * wait for a node that does not come back; after a while it counts as gone.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../log.js';
import { encodeToken } from '../message/index.js';
import type { BenchServer, BenchView, ClusterState } from '../node/index.js';

const LOOK_MS = 250;
/** A server that was on the bench and is not seen any more: starting again, or dead. */
const GONE_MS = 30_000;
/** One that was not seen at all yet: slow to answer, or away. */
const UNSEEN_MS = 5_000;
/** Copies that do not come level keep nobody on the bench for longer. */
const LEVEL_MS = 60_000;

/** Resolves when this node may leave. Throws the reason of the server's signal. */
export async function untilTurn(server: BenchServer, target: ClusterState, log: Logger): Promise<void> {
  const self = target.members.findIndex(({ name }) => name === target.self);
  const queue = new Queue(target.members.slice(0, Math.max(0, self)).map(({ name }) => encodeToken(name)));
  const goal = new LevelCopies();
  log.info('joining: the streams are there; waiting for this node’s turn to let clients in');
  for (const began = performance.now(); ; ) {
    const views = await server.views();
    const isNext = queue.isEmpty(views);
    const isLevel = goal.isReached(views) || performance.now() - began > LEVEL_MS;
    if (isNext && isLevel) return;
    await pause(LOOK_MS, undefined, { signal: server.signal });
  }
}

/** Those who leave before. */
class Queue {
  readonly #names: readonly string[];
  readonly #lastOnBench = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.#names = names;
    const unseen = performance.now() - GONE_MS + UNSEEN_MS;
    for (const name of names) this.#lastOnBench.set(name, unseen);
  }

  isEmpty(views: readonly BenchView[]): boolean {
    const now = performance.now();
    for (const { name, onBench } of views) {
      if (onBench) this.#lastOnBench.set(name, now);
      else this.#lastOnBench.delete(name);
    }
    return this.#names.every(
      (name) => now - (this.#lastOnBench.get(name) ?? Number.NEGATIVE_INFINITY) > GONE_MS,
    );
  }
}

/**
 * All that is up follows its leaders, and has what any of them had at the look before; gateways may be writing. The
 * raft log alone is not enough: what was restored follows it later.
 */
class LevelCopies {
  #goal = new Map<string, number>();

  isReached(views: readonly BenchView[]): boolean {
    const goal = this.#goal;
    const lasts = views.flatMap(({ streams }) =>
      [...streams].map(([stream, state]) => [stream, state.lastSequence] as const),
    );
    this.#goal = new Map();
    for (const [stream, last] of lasts) this.#goal.set(stream, Math.max(last, this.#goal.get(stream) ?? 0));
    if (views.length === 0 || !views.every(({ isSettled }) => isSettled)) return false;
    return goal.size > 0 && lasts.every(([stream, last]) => last >= (goal.get(stream) ?? 0));
  }
}
