/** A bucket that is followed from the first moment it can be had, and written to. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket, BucketName, Bus, Subscription } from '../../src/bus/index.js';
import { ParleyError, reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import { CommandError } from '../command.js';

const RETRY_MS = 500;

export type Heard = (key: string, value: unknown) => void;

/**
 * What is written is not taken over at once but when the watch tells it: two gateways that write one key at the same
 * moment hear both in the order of the stream, and so agree. A write resolves once it was heard here.
 */
export class FollowedBucket {
  readonly #bus: Bus;
  readonly #name: BucketName;
  readonly #heard: Heard;
  readonly #log: Logger;
  readonly #awaited = new Set<Awaited>();
  #watch: Subscription | null = null;
  #stopped = false;

  /** `heard` is told of each entry and change; null: deleted. */
  constructor(bus: Bus, name: BucketName, heard: Heard, log: Logger) {
    this.#bus = bus;
    this.#name = name;
    this.#heard = heard;
    this.#log = log;
  }

  get isOpen(): boolean {
    return this.#watch !== null;
  }

  /** Resolves once everything present was told. Tries until the backbone is there, or `stop`. */
  async open(): Promise<void> {
    while (!this.#stopped && !(await this.tryOpen())) await pause(RETRY_MS, undefined, { ref: false });
  }

  /** False: not now. */
  async tryOpen(): Promise<boolean> {
    if (this.#watch !== null) return true;
    try {
      const bucket = await this.#bus.bucket<unknown>(this.#name);
      this.#watch = await bucket.watch((key, value) => this.#told(key, value));
      if (this.#stopped) await this.#watch.stop();
      return true;
    } catch (error) {
      this.#log.debug('a bucket cannot be followed yet', { bucket: this.#name, reason: reasonOf(error) });
      return false;
    }
  }

  /** Throws CommandError while the backbone is away. */
  put(key: string, value: unknown): Promise<void> {
    return this.#change(key, value, (bucket) => bucket.put(key, value));
  }

  /** Throws as `put`. */
  delete(key: string): Promise<void> {
    return this.#change(key, null, (bucket) => bucket.delete(key));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watch?.stop();
  }

  #told(key: string, value: unknown): void {
    this.#heard(key, value);
    const text = JSON.stringify(value);
    for (const awaited of this.#awaited) {
      if (awaited.key === key && awaited.text === text) awaited.resolve();
    }
  }

  async #change(key: string, value: unknown, act: (bucket: Bucket<unknown>) => Promise<void>): Promise<void> {
    const { awaited, heard } = echoOf(key, value);
    this.#awaited.add(awaited);
    try {
      await onBackbone(async () => act(await this.#bus.bucket<unknown>(this.#name)));
      await Promise.race([heard, pause(ECHO_MS, undefined, { ref: false })]);
    } finally {
      this.#awaited.delete(awaited);
    }
  }
}

/** It is stored then; who looks before it was heard sees the state before. */
const ECHO_MS = 2000;

interface Awaited {
  readonly key: string;
  readonly text: string;
  readonly resolve: () => void;
}

function echoOf(key: string, value: unknown): { readonly awaited: Awaited; readonly heard: Promise<void> } {
  let resolve = () => {};
  const heard = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { awaited: { key, text: JSON.stringify(value), resolve }, heard };
}

/** Tells the caller of a command that the backbone is away. */
export async function onBackbone<Result>(exchange: () => Promise<Result>): Promise<Result> {
  try {
    return await exchange();
  } catch (error) {
    if (!(error instanceof ParleyError && error.code.startsWith('BACKBONE_'))) throw error;
    throw new CommandError('The backbone is away, so nothing was changed. Try again in a moment.', {
      cause: error,
    });
  }
}
