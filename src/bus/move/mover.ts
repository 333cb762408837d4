/**
 * Problem: the streams of a standalone nats-server are lost from view when it joins a cluster, and a crash may come
 * at any moment of the move. Idea: each stream goes through a file of its own with a checksum; what is done is seen from
 * the files and from the servers, never remembered. Why safe: a stream counts as saved once its record is on disk and
 * the stream is still as recorded, as restored once the new one has the same messages, sequences and acknowledgements
 * on all its replicas. What it cannot do: move a stream that somebody writes to; who calls it keeps everybody away.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { JetStreamManager, NatsConnection } from 'nats';
import { isNameTaken, isNoPlace, isUnanswered } from '../api-errors.js';
import { connectFirst, connectionOptions } from '../connection.js';
import type { BusAddress } from '../types.js';
import { advance } from './advance.js';
import { asOurs, conflict } from './faults.js';
import { Restorer, type Views } from './restorer.js';
import { takeSnapshot } from './save.js';
import { allSaved, checkSnapshot, readSaved, snapshotFile, writeSaved } from './saved-file.js';
import { difference, namedStateOf, stateOf, toleranceOf } from './server-state.js';
import type { Mover, Progress, SavedStream, StreamState } from './types.js';

/** What a server that is there answers within. */
const ASK_MS = 10_000;
/** What is asked again and again. */
const LOOK_MS = 1_000;
const MARK_ASK_MS = 5_000;
const MARK_LOOK_MS = 250;
const MARK_MS = 2 * 60_000;
const NO_PROGRESS: Progress = () => {};

/** `views`: where the servers' own word about their copies is to be had. Throws BACKBONE_UNAVAILABLE. */
export async function openMover(address: BusAddress, views: Views | null = null): Promise<Mover> {
  return asOurs('mover', async () => {
    const nats = await connectFirst(await connectionOptions(address, 'parley mover'));
    const manager = await nats.jetstreamManager({ checkAPI: false, timeout: ASK_MS });
    const looking = await nats.jetstreamManager({ checkAPI: false, timeout: LOOK_MS });
    return new NatsMover(nats, manager, looking, views);
  });
}

class NatsMover implements Mover {
  readonly #nats: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #looking: JetStreamManager;
  readonly #views: Views | null;
  readonly #restorer: Restorer;

  constructor(
    nats: NatsConnection,
    manager: JetStreamManager,
    looking: JetStreamManager,
    views: Views | null,
  ) {
    this.#nats = nats;
    this.#manager = manager;
    this.#looking = looking;
    this.#views = views;
    this.#restorer = new Restorer({ nats, manager: looking, views });
  }

  streams(): Promise<readonly string[]> {
    return asOurs('streams', async () => {
      const names: string[] = [];
      for await (const name of this.#manager.streams.names()) names.push(name);
      return names.sort();
    });
  }

  save(stream: string, directory: string, progress = NO_PROGRESS): Promise<SavedStream> {
    return asOurs(`snapshot of ${stream}`, async () => {
      const state = await this.#stateOf(stream);
      const before = await readSaved(directory, stream);
      if (
        before !== null &&
        difference(before.state, state, toleranceOf(before)) === '' &&
        (await isWhole(directory, before))
      ) {
        return before;
      }
      const file = snapshotFile(directory, stream);
      const snapshot = await takeSnapshot(this.#nats, stream, file, progress, { checked: true });
      const saved = { version: 1 as const, stream, state: await this.#stateOf(stream), ...snapshot };
      const changed = difference(state, saved.state, toleranceOf(saved));
      if (changed !== '') throw conflict(stream, `it changed while it was saved: ${changed}`);
      await writeSaved(directory, saved);
      return saved;
    });
  }

  saveLive(stream: string, directory: string, progress = NO_PROGRESS): Promise<SavedStream> {
    return asOurs(`snapshot of ${stream}`, async () => {
      const state = await this.#stateOf(stream);
      const file = snapshotFile(directory, stream);
      const snapshot = await takeSnapshot(this.#nats, stream, file, progress, { checked: false });
      const saved = { version: 1 as const, stream, live: true as const, state, ...snapshot };
      await writeSaved(directory, saved);
      return saved;
    });
  }

  restore(stream: string, directory: string, replicas: number, progress = NO_PROGRESS): Promise<boolean> {
    return asOurs(`restore of ${stream}`, async () => {
      const saved = await readSaved(directory, stream);
      if (saved === null) throw conflict(stream, `${directory} has no whole snapshot of it`);
      await checkSnapshot(directory, saved);
      const file = snapshotFile(directory, stream);
      const restored = await this.#restorer.restore(saved, file, replicas, progress);
      if (saved.live === true) await advance(this.#nats, this.#manager, stream);
      return restored;
    });
  }

  saved(directory: string): Promise<readonly SavedStream[]> {
    return allSaved(directory);
  }

  mark(name: string, replicas: number): Promise<void> {
    return asOurs(`mark ${name}`, async () => {
      const deadline = performance.now() + MARK_MS;
      let askedAt = Number.NEGATIVE_INFINITY;
      while (!(await this.#isOnAll(name, replicas))) {
        if (this.#nats.isClosed()) throw conflict(name, 'stopped while it was made');
        if (performance.now() > deadline) throw conflict(name, 'the cluster does not make it');
        // A cluster of nats-server 2.9.10 that has just formed may make the stream and not answer: look, too.
        if (performance.now() - askedAt > MARK_ASK_MS) {
          askedAt = performance.now();
          await this.#make(name, replicas);
        } else await pause(MARK_LOOK_MS);
      }
    });
  }

  isMarked(name: string): Promise<boolean> {
    return asOurs(`mark ${name}`, async () => (await namedStateOf(this.#looking, name, [])) !== null);
  }

  stateOf(stream: string): Promise<StreamState | null> {
    return asOurs(stream, () => stateOf(this.#manager, stream));
  }

  get serverVersion(): string {
    return this.#nats.info?.version ?? '';
  }

  close(): Promise<void> {
    return this.#nats.close();
  }

  async #stateOf(stream: string) {
    const state = await stateOf(this.#manager, stream);
    if (state === null) throw conflict(stream, 'there is no such stream');
    return state;
  }

  async #make(name: string, replicas: number): Promise<void> {
    const config = { name, subjects: [`$PARLEY.${name}`], num_replicas: replicas };
    await this.#looking.streams.add(config).catch((error: unknown) => {
      const isFatal = !isUnanswered(error) && !isNameTaken(error) && !isNoPlace(error);
      if (isFatal) throw error;
    });
  }

  async #isOnAll(name: string, replicas: number): Promise<boolean> {
    const found = await namedStateOf(this.#looking, name, []).catch(() => null);
    if (found === null || found.replicas !== replicas || found.current !== replicas) return false;
    if (this.#views === null) return true;
    const views = await this.#views().catch(() => []);
    return views.filter(({ streams }) => streams.has(name)).length >= replicas;
  }
}

async function isWhole(directory: string, saved: SavedStream): Promise<boolean> {
  return checkSnapshot(directory, saved).then(
    () => true,
    () => false,
  );
}
