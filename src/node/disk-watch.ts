/**
 * Ends the nats-server cleanly before its disk is full, and starts it again when there is room.
 *
 * Problem: nats-server 2.9.10 does not outlive a full disk. Alone it comes to a standstill for good; in a cluster it may
 * lead the others with a log that misses what it could not write. Idea: look at the free space four times a second and stop
 * while there is still some. Why it is safe: a stopped server has everything on disk; alone, events wait in the spool or
 * are refused; in a cluster the other members go on. What comes too late, as something else has filled the disk to the
 * brim, is told to the node (doubt.ts). What it cannot do: see a disk that was full between two looks only.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type DiskSpace, hasRoom, isFull, spaceOf } from './disk-space.js';
import type { Node } from './types.js';

export interface DiskWatchOptions {
  readonly node: Pick<Node, 'maintain' | 'doubt'>;
  /** The node's store. */
  readonly directory: string;
  readonly log: Logger;
  /** @default what the file system says; the least is 64 MiB, or a twentieth of a small disk */
  readonly look?: (directory: string) => Promise<DiskSpace>;
  /** @default 250 */
  readonly everyMs?: number;
}

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#ended = this.#watch();
  }

  /** Resolves when the server is nobody's but its owner's again. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
  }

  async #watch(): Promise<void> {
    const { node, directory, log } = this.#options;
    while (!this.#ending.signal.aborted) {
      const space = await this.#look();
      const { freeBytes, leastBytes } = space;
      if (freeBytes < leastBytes) {
        if (isFull(space)) await node.doubt('its disk was full');
        log.error('the disk is nearly full: nats-server is stopped until there is room', {
          directory,
          freeBytes,
          neededBytes: leastBytes * 2,
        });
        await node
          .maintain(() => this.#untilRoom())
          .catch((error: unknown) =>
            log.error('nats-server does not run again', { reason: reasonOf(error) }),
          );
      }
      await this.#pause();
    }
  }

  async #untilRoom(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const space = await this.#look();
      if (hasRoom(space)) {
        this.#options.log.info('there is room on the disk again', { freeBytes: space.freeBytes });
        return;
      }
      await this.#pause();
    }
  }

  /** Endless space when the file system does not tell. */
  async #look(): Promise<DiskSpace> {
    const { look = spaceOf, directory } = this.#options;
    return look(directory).catch(() => ({ freeBytes: Number.POSITIVE_INFINITY, leastBytes: 0 }));
  }

  #pause(): Promise<void> {
    const { everyMs = 250 } = this.#options;
    return pause(everyMs, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
  }
}
