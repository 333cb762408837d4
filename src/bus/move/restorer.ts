/**
 * Brings one stream to a cluster, and makes sure of it.
 *
 * Problem: a restore may be cut off at any moment, by us or by nats-server, and 2.9.10 does not clean up after it: the
 * name stays taken by nothing, or by an empty stream when another server than the chosen one leads it; and a server that
 * waits in vain for more bytes notices after 5 s, then removes what has the name by that time. Idea: look what is there;
 * unless it is what was saved, remove it, let those 5 s pass, and begin anew. Why safe: only a stream that is not as saved
 * is removed, and nobody writes to it yet; done is what every copy has, by the word of the server that has it. The leader
 * calls a copy current that has the raft log and not yet the messages. What it cannot do: place three copies while one of
 * three servers is away ("no suitable peers").
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type JetStreamManager, type NatsConnection, NatsError } from 'nats';
import { ParleyError, reasonOf } from '../../errors.js';
import { isNotFound } from '../api-errors.js';
import { patiently } from '../patiently.js';
import type { ServerView } from '../server-view.js';
import { sendSnapshot } from './bring-back.js';
import { conflict } from './faults.js';
import { difference, namedStateOf, toleranceOf } from './server-state.js';
import type { Progress, SavedStream, StreamState } from './types.js';

const ATTEMPTS = 5;
const LOOK_MS = 200;
/** Not found so often in a row: gone, not just being made. */
const GONE_LOOKS = 15;
/** No copy got anything more for so long: nothing will come. */
const QUIET_MS = 60_000;
/** Longer than a server waits for the next bytes of a restore. */
const STALL_MS = 6_000;

/** What each server says of its own copies. */
export type Views = () => Promise<readonly ServerView[]>;

export interface RestorerParts {
  readonly nats: NatsConnection;
  readonly manager: JetStreamManager;
  /** Null: the leader's word has to do. */
  readonly views: Views | null;
}

interface Look {
  /** What is wrong; empty: all as saved, on all copies. */
  readonly fault: string;
  /** The leader has what was saved. */
  readonly isSaved: boolean;
  /** It is surely not there. */
  readonly isGone: boolean;
  /** Messages on all copies. */
  readonly messages: number;
}

export class Restorer {
  readonly #parts: RestorerParts;

  constructor(parts: RestorerParts) {
    this.#parts = parts;
  }

  /** False: it was there already. */
  async restore(
    saved: SavedStream,
    snapshot: string,
    replicas: number,
    progress: Progress,
  ): Promise<boolean> {
    const { stream } = saved;
    let fault = '';
    // Of one that was in use, nothing tells whether it was moved on to the end.
    if (saved.live !== true && (await this.#look(saved, replicas)).isSaved) {
      fault = await this.#level(saved, replicas);
      if (fault === '') return false;
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      await this.#clear(stream);
      fault = await this.#send(saved, snapshot, replicas, progress);
      if (fault === '') fault = await this.#level(saved, replicas);
      if (fault === '') return true;
    }
    throw conflict(stream, `not as it was saved after ${ATTEMPTS} tries: ${fault}`);
  }

  /** Resolves with what went wrong, when another try may do better. */
  async #send(saved: SavedStream, snapshot: string, replicas: number, progress: Progress): Promise<string> {
    const { nats } = this.#parts;
    try {
      await sendSnapshot(nats, saved, snapshot, replicas, progress);
      return '';
    } catch (error) {
      const isOfServer =
        error instanceof NatsError || (error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE');
      if (!isOfServer || nats.isClosed()) throw error;
      return reasonOf(error);
    }
  }

  /** Removes what has the name. The answer to that may be lost: then it is not found the next time. */
  async #clear(stream: string): Promise<void> {
    const { nats, manager } = this.#parts;
    let asked = 0;
    const wasThere = await patiently(
      async () => {
        asked += 1;
        return manager.streams.delete(stream).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
          return asked > 1;
        });
      },
      () => !nats.isClosed(),
    );
    if (wasThere) await pause(STALL_MS);
  }

  /** Resolves with '' once all copies have it, else with what is missing when nothing more happens. */
  async #level(saved: SavedStream, replicas: number): Promise<string> {
    let [best, since, missing] = [-1, performance.now(), 0];
    for (;;) {
      const look = await this.#look(saved, replicas);
      if (look.fault === '') return '';
      if (this.#parts.nats.isClosed()) throw conflict(saved.stream, 'stopped while the copies came level');
      missing = look.isGone ? missing + 1 : 0;
      if (missing > GONE_LOOKS) return 'the servers lost it again';
      if (look.messages > best) [best, since] = [look.messages, performance.now()];
      if (performance.now() - since > QUIET_MS) return look.fault;
      await pause(LOOK_MS);
    }
  }

  async #look(saved: SavedStream, replicas: number): Promise<Look> {
    const { manager, views } = this.#parts;
    const copies = views === null ? [] : copiesIn(await views().catch(() => []), saved.stream);
    const messages = copies.reduce((sum, copy) => sum + copy.messages, 0);
    const names = saved.state.consumers.map(({ name }) => name);
    const found = await namedStateOf(manager, saved.stream, names).catch(() => undefined);
    const none = { isSaved: false, isGone: found === null, messages };
    if (found === undefined) return { ...none, fault: 'nobody answers for it' };
    if (found === null) return { ...none, fault: 'it is not there' };
    const wrong = difference(saved.state, found.state, toleranceOf(saved));
    if (wrong !== '') return { ...none, fault: wrong };
    const isLevel = (copy: StreamState) =>
      difference({ ...saved.state, consumers: [] }, copy, toleranceOf(saved)) === '';
    const level = copies.filter(isLevel).length;
    const isWhole = found.replicas === replicas && found.current === replicas;
    const fault =
      isWhole && (views === null || level >= replicas)
        ? ''
        : `copies: ${views === null ? found.current : level} of ${replicas} are level`;
    return { fault, isSaved: true, isGone: false, messages };
  }
}

function copiesIn(views: readonly ServerView[], stream: string): readonly StreamState[] {
  return views.flatMap(({ streams }) => {
    const copy = streams.get(stream);
    return copy === undefined ? [] : [{ ...copy, consumers: [] }];
  });
}
