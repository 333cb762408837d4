/**
 * Problem: the streams of a standalone nats-server are lost from view when it joins a cluster, and a crash may come
 * at any moment of the move. Idea: each stream goes through a file of its own with a checksum; what is done is seen from
 * the files and from the servers, never remembered. Why safe: a stream counts as saved once its record is on disk and
 * the stream is still as recorded, as restored once the new one has the same messages, sequences and acknowledgements
 * on all its replicas. What it cannot do: move a stream that somebody writes to; who calls it keeps everybody away.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type JetStreamManager, type NatsConnection, NatsError } from 'nats';
import { ParleyError, reasonOf } from '../../errors.js';
import { isNotFound } from '../api-errors.js';
import { connectionOptions } from '../connection.js';
import type { BusAddress } from '../types.js';
import { advance } from './advance.js';
import { sendSnapshot } from './bring-back.js';
import { takeSnapshot } from './save.js';
import { allSaved, checkSnapshot, readSaved, snapshotFile, writeSaved } from './saved-file.js';
import { difference, stateOf, type Tolerance } from './server-state.js';
import type { Mover, Progress, SavedStream, StreamState } from './types.js';

/** How long a cluster may take to bring all copies level. */
const LEVEL_MS = 10 * 60_000;
const LOOK_MS = 200;
/** Not found so often in a row: gone, not just being made. */
const GONE_LOOKS = 15;
const ATTEMPTS = 5;
const MARK_LOOK_MS = 500;
const LOOKS_AN_ASK = 10;
const MARK_LOOKS = 240;
const NO_PROGRESS: Progress = () => {};

/** Throws BACKBONE_UNAVAILABLE. */
export async function openMover(address: BusAddress): Promise<Mover> {
  return asOurs('mover', async () => {
    const nats = await connect(await connectionOptions(address, 'parley mover'));
    return new NatsMover(nats, await nats.jetstreamManager({ checkAPI: false, timeout: 30_000 }));
  });
}

class NatsMover implements Mover {
  readonly #nats: NatsConnection;
  readonly #manager: JetStreamManager;

  constructor(nats: NatsConnection, manager: JetStreamManager) {
    this.#nats = nats;
    this.#manager = manager;
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

  restore(stream: string, directory: string, replicas: number, progress = NO_PROGRESS): Promise<void> {
    return asOurs(`restore of ${stream}`, async () => {
      const saved = await readSaved(directory, stream);
      if (saved === null) throw conflict(stream, `${directory} has no whole snapshot of it`);
      await checkSnapshot(directory, saved);
      if (saved.live !== true && (await this.#isLevel(saved, replicas))) return;
      for (let attempt = 1; ; attempt += 1) {
        // A restore that was cut off leaves a name that is taken and a stream that is not found.
        await this.#remove(stream);
        await sendSnapshot(this.#nats, saved, snapshotFile(directory, stream), replicas, progress);
        if (await this.#level(saved, replicas)) return await advance(this.#nats, this.#manager, stream);
        if (attempt === ATTEMPTS) throw conflict(stream, 'the servers lose it again after every restore');
      }
    });
  }

  saved(directory: string): Promise<readonly SavedStream[]> {
    return allSaved(directory);
  }

  mark(name: string, replicas: number): Promise<void> {
    return asOurs(`mark ${name}`, async () => {
      // A cluster of nats-server 2.9.10 that has just formed may make the stream and not answer: look, too.
      let asked: Promise<boolean> = Promise.resolve(false);
      const ask = () =>
        this.#manager.streams.add({ name, subjects: [`$PARLEY.${name}`], num_replicas: replicas }).then(
          () => true,
          () => false,
        );
      for (let looks = 0; !(await this.isMarked(name).catch(() => false)); looks += 1) {
        if (this.#nats.isClosed() || looks === MARK_LOOKS)
          throw conflict(name, 'the cluster does not make it');
        if (looks % LOOKS_AN_ASK === 0) asked = ask();
        if (await Promise.race([asked, pause(MARK_LOOK_MS, false)])) return;
      }
    });
  }

  isMarked(name: string): Promise<boolean> {
    return asOurs(`mark ${name}`, async () => (await stateOf(this.#manager, name)) !== null);
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

  async #remove(stream: string): Promise<void> {
    await this.#manager.streams.delete(stream).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  /**
   * Resolves once it is as saved, on all copies. False: it is gone. nats-server 2.9.10 notices a restore that was cut
   * off only after a while, and then removes what has that name by now.
   */
  async #level(saved: SavedStream, replicas: number): Promise<boolean> {
    const deadline = performance.now() + LEVEL_MS;
    let missing = 0;
    while (!(await this.#isLevel(saved, replicas).catch(() => false))) {
      const got = await stateOf(this.#manager, saved.stream).catch(() => undefined);
      missing = got === null ? missing + 1 : 0;
      if (missing > GONE_LOOKS) return false;
      if (this.#nats.isClosed()) throw conflict(saved.stream, 'stopped while the copies came level');
      if (performance.now() > deadline) {
        const why = got
          ? difference(saved.state, got, toleranceOf(saved)) || 'copies lag'
          : 'it does not answer';
        throw conflict(saved.stream, `not as it was saved: ${why}`);
      }
      await pause(LOOK_MS);
    }
    return true;
  }

  /** As saved, and on so many servers that are all up to date. */
  async #isLevel(saved: SavedStream, replicas: number): Promise<boolean> {
    const state = await stateOf(this.#manager, saved.stream);
    if (state === null || difference(saved.state, state, toleranceOf(saved)) !== '') return false;
    const { config, cluster } = await this.#manager.streams.info(saved.stream);
    const peers = cluster?.replicas ?? [];
    return (
      config.num_replicas === replicas &&
      peers.length === replicas - 1 &&
      peers.every(({ current, lag = 0 }) => current && lag === 0)
    );
  }
}

function toleranceOf({ config, live }: SavedStream): Tolerance {
  return { aging: Number(config.max_age ?? 0) > 0, live: live === true };
}

async function isWhole(directory: string, saved: SavedStream): Promise<boolean> {
  return checkSnapshot(directory, saved).then(
    () => true,
    () => false,
  );
}

async function asOurs<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    if (error.isPermissionError()) throw denied(what, error);
    throw new ParleyError('BACKBONE_UNAVAILABLE', `${what}: ${reasonOf(error)}`, {
      fix: 'Check that the nats-server is up; what is done so far is kept.',
      cause: error,
    });
  }
}

function denied(what: string, error: NatsError): ParleyError {
  return new ParleyError('BACKBONE_DENIED', `${what}: ${error.permissionContext?.subject ?? error.message}`, {
    fix: 'Let this user publish there: see docs/cluster.md.',
    cause: error,
  });
}

function conflict(stream: string, reason: string): ParleyError {
  return new ParleyError('BACKBONE_CONFLICT', `stream ${stream}: ${reason}`, {
    fix: 'Stop whatever else writes to it, and begin again; nothing was removed.',
  });
}
