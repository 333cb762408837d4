/**
 * Ends the nats-server cleanly before its disk is full, and starts it again when there is room.
 *
 * Problem: nats-server 2.9.10 does not outlive a full disk. Alone it comes to a standstill for good; in a cluster it may
 * lead the others with a log that misses what it could not write. Idea: look at the free space once a second and stop
 * while there is still some. Why it is safe: a stopped server has everything on disk; alone, events wait in the spool or
 * are refused; in a cluster the other members go on. What it cannot do: help when something else fills the disk from
 * above the limit to the brim within a second.
 */
import { statfs } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { Node } from './types.js';

export interface DiskSpace {
  readonly freeBytes: number;
  /** Below this the server is ended; it runs again with twice as much. */
  readonly leastBytes: number;
}

export interface DiskWatchOptions {
  readonly node: Pick<Node, 'maintain'>;
  /** The node's store. */
  readonly directory: string;
  readonly log: Logger;
  /** @default what the file system says; the least is 64 MiB, or a twentieth of a small disk */
  readonly look?: (directory: string) => Promise<DiskSpace>;
  /** @default 1000 */
  readonly everyMs?: number;
}

const LEAST_BYTES = 64 * 1024 * 1024;
const SHARE_OF_SMALL_DISK = 0.05;

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
      const { freeBytes, leastBytes } = await this.#look();
      if (freeBytes < leastBytes) {
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
      const { freeBytes, leastBytes } = await this.#look();
      if (freeBytes >= leastBytes * 2) {
        this.#options.log.info('there is room on the disk again', { freeBytes });
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
    const { everyMs = 1000 } = this.#options;
    return pause(everyMs, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
  }
}

async function spaceOf(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return {
    freeBytes: bavail * bsize,
    leastBytes: Math.min(LEAST_BYTES, blocks * bsize * SHARE_OF_SMALL_DISK),
  };
}
