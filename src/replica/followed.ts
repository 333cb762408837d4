/** A bucket that is followed from the first moment it can be had, and written to. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket, BucketName, Bus, Subscription } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { CopyFile } from './copy-file.js';

const RETRY_MS = 500;

export type Heard = (key: string, value: unknown) => void;

export interface FollowedOptions {
  readonly bus: Pick<Bus, 'bucket'>;
  readonly name: BucketName;
  /** Told of each entry and change; null: deleted. */
  readonly heard: Heard;
  readonly log: Logger;
  /**
   * The order of the stream decides what counts: nothing is taken over before the watch tells it, and a write that it does
   * not tell in time is BACKBONE_UNAVAILABLE.
   */
  readonly ordered?: boolean;
  /** A copy on the disk, for a start without the backbone: of which keys, and in which file. Absent: none. */
  readonly copy?: { readonly path: string; readonly keeps: (key: string) => boolean };
}

/**
 * What is written is not taken over at once but when the watch tells it: two gateways that write one key at the same
 * moment hear both in the order of the stream, and so agree. A write resolves once it is taken over here.
 */
export class FollowedBucket {
  readonly #options: FollowedOptions;
  readonly #awaited = new Set<Awaited>();
  readonly #copy: CopyFile | null;
  /** What the copy holds. */
  readonly #kept = new Map<string, unknown>();
  /** Keys of the copy that the bucket has not told of. */
  readonly #unconfirmed = new Set<string>();
  #watch: Subscription | null = null;
  #stopped = false;

  constructor(options: FollowedOptions) {
    const { copy, name, log } = options;
    this.#options = options;
    const content = () => [...this.#kept];
    this.#copy =
      copy === undefined ? null : new CopyFile({ path: copy.path, what: `bucket ${name}`, content, log });
  }

  get isOpen(): boolean {
    return this.#watch !== null;
  }

  /** Tells what the copy on the disk has. Never rejects. Before `open`. */
  async load(): Promise<void> {
    const found = await this.#copy?.load();
    for (const entry of Array.isArray(found) ? found : []) {
      const [key, value]: readonly unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof key !== 'string' || value === null || value === undefined) continue;
      this.#unconfirmed.add(key);
      this.#kept.set(key, value);
      this.#options.heard(key, value);
    }
  }

  /** Resolves once everything present was told. Tries until the backbone is there, or `stop`. */
  async open(): Promise<void> {
    while (!this.#stopped && !(await this.tryOpen())) await pause(RETRY_MS, undefined, { ref: false });
  }

  /** False: not now. */
  async tryOpen(): Promise<boolean> {
    if (this.#watch !== null) return true;
    const { bus, name, log } = this.#options;
    try {
      const bucket = await bus.bucket<unknown>(name);
      this.#watch = await bucket.watch((key, value) => this.#told(key, value));
      this.#forgetUnconfirmed();
      if (this.#stopped) await this.#watch.stop();
      return true;
    } catch (error) {
      log.debug('a bucket cannot be followed yet', { bucket: name, reason: reasonOf(error) });
      return false;
    }
  }

  /** Throws BACKBONE_UNAVAILABLE. */
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
    await this.#copy?.stop();
  }

  #told(key: string, value: unknown): void {
    this.#unconfirmed.delete(key);
    this.#keep(key, value);
    this.#options.heard(key, value);
    const text = JSON.stringify(value);
    for (const awaited of this.#awaited) {
      if (awaited.key === key && awaited.text === text) awaited.resolve();
    }
  }

  #keep(key: string, value: unknown): void {
    if (this.#options.copy?.keeps(key) !== true) return;
    if (value === null) this.#kept.delete(key);
    else this.#kept.set(key, value);
    this.#copy?.touch();
  }

  /** Deleted while this gateway did not run. */
  #forgetUnconfirmed(): void {
    for (const key of this.#unconfirmed) this.#told(key, null);
  }

  async #change(key: string, value: unknown, act: (bucket: Bucket<unknown>) => Promise<void>): Promise<void> {
    const { awaited, heard } = echoOf(key, value);
    const { bus, name, ordered = false } = this.#options;
    this.#awaited.add(awaited);
    try {
      await act(await bus.bucket<unknown>(name));
      const isHeard = heard.then(() => true);
      const late = pause(ordered ? ORDERED_MS : ECHO_MS, false, { ref: false });
      // Nothing later was heard either then, so it can be taken over at once; it comes once more, in its place.
      if (await Promise.race([isHeard, late])) return;
      if (ordered) throw unheard(name);
      this.#told(key, value);
    } finally {
      this.#awaited.delete(awaited);
    }
  }
}

/** It is stored then, and the watch is slow. */
const ECHO_MS = 2000;

/** An election may come between. */
const ORDERED_MS = 10_000;

function unheard(bucket: string): ParleyError {
  return new ParleyError(
    'BACKBONE_UNAVAILABLE',
    `it is stored in ${bucket}, and not known yet whether it counts`,
    {
      fix: 'Look in a moment what is there, before you do it again.',
    },
  );
}

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
