import { type JetStreamClient, JSONCodec, type KV, type KvEntry, type NatsConnection } from 'nats';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { decodeToken, encodeToken } from '../message/index.js';
import type { Ask } from './ask.js';
import { BucketWatch } from './bucket-watch.js';
import type { Subjects } from './subjects.js';
import type { Bucket, BucketName, BusOptions, Subscription } from './types.js';

export interface BucketSource {
  readonly nats: NatsConnection;
  readonly client: JetStreamClient;
  readonly subjects: Subjects;
  readonly history: BusOptions['history'];
  readonly ask: Ask;
  readonly log: Logger;
}

/** An edit comes within minutes, a reply within days. */
const LONGEST_MAP_AGE_MS = 30 * 24 * 60 * 60_000;

/** The buckets that were asked for, each opened once. */
export class Buckets {
  readonly #source: BucketSource;
  readonly #open = new Map<BucketName, Promise<KvBucket>>();

  constructor(source: BucketSource) {
    this.#source = source;
  }

  /** Creates the bucket when it is not there. */
  async open<Value>(name: BucketName): Promise<Bucket<Value>> {
    const opening = this.#open.get(name) ?? this.#opened(name);
    this.#open.set(name, opening);
    try {
      // What is in a bucket is its users' to know: nobody else writes there.
      return (await opening) as KvBucket as Bucket<Value>;
    } catch (error) {
      this.#open.delete(name);
      throw error;
    }
  }

  /** After a reconnect: watchers hear what they missed. */
  refresh(): void {
    for (const opening of this.#open.values()) {
      opening.then(
        (bucket) => bucket.refresh(),
        () => {},
      );
    }
  }

  async #opened(name: BucketName): Promise<KvBucket> {
    const { nats, client, subjects, history, ask, log } = this.#source;
    // The ids of a message are of use for as long as the log holds it, at most; tokens and network states stay.
    const ttl = name === 'MESSAGE_MAP' ? { ttl: Math.min(history.maxAgeMs, LONGEST_MAP_AGE_MS) } : {};
    const { replicas } = history;
    const kv = await ask(`bucket ${name}`, async () => {
      const found = await client.views.kv(subjects.bucket(name), {
        history: 1,
        replicas: replicas ?? 1,
        ...ttl,
      });
      if (replicas !== null) await raiseReplicas(client, found, replicas);
      return found;
    });
    const publish = (key: string, value: Uint8Array) =>
      nats.publish(`$KV.${subjects.bucket(name)}.${key}`, value);
    return new KvBucket(name, kv, publish, ask, log.child({ bucket: name }));
  }
}

/** A bucket of a node that was alone, in a cluster. Fewer copies than it has are never asked for. */
async function raiseReplicas(client: JetStreamClient, kv: KV, replicas: number): Promise<void> {
  const { streamInfo } = await kv.status();
  const { config } = streamInfo;
  if (config.num_replicas >= replicas) return;
  const manager = await client.jetstreamManager(false);
  await manager.streams.update(config.name, { ...config, num_replicas: replicas });
}

/** Sends without waiting for an answer. */
type Publish = (key: string, value: Uint8Array) => void;

class KvBucket implements Bucket<unknown> {
  readonly #what: string;
  readonly #kv: KV;
  readonly #publish: Publish;
  readonly #ask: Ask;
  readonly #log: Logger;
  readonly #codec = JSONCodec<unknown>();
  readonly #watches = new Set<BucketWatch>();

  constructor(name: BucketName, kv: KV, publish: Publish, ask: Ask, log: Logger) {
    this.#what = `bucket ${name}`;
    this.#kv = kv;
    this.#publish = publish;
    this.#ask = ask;
    this.#log = log;
  }

  async get(key: string): Promise<unknown> {
    const entry = await this.#ask(this.#what, () => this.#kv.get(encodeToken(key)));
    return entry === null ? null : this.#valueOf(entry);
  }

  async put(key: string, value: unknown): Promise<void> {
    await this.#ask(this.#what, () => this.#kv.put(encodeToken(key), this.#codec.encode(value)));
  }

  /**
   * The server stores what comes over one connection in its order, so the answer to the last one speaks for all. Not
   * so when the stream's leader changes in between: then one before may be missing.
   */
  async putAll(entries: ReadonlyMap<string, unknown>): Promise<void> {
    const encoded = [...entries].map(([key, value]) => ({
      key: encodeToken(key),
      value: this.#codec.encode(value),
    }));
    const last = encoded.pop();
    if (last === undefined) return;
    await this.#ask(this.#what, () => {
      for (const { key, value } of encoded) this.#publish(key, value);
      return this.#kv.put(last.key, last.value);
    });
  }

  async delete(key: string): Promise<void> {
    await this.#ask(this.#what, () => this.#kv.delete(encodeToken(key)));
  }

  async entries(): Promise<ReadonlyMap<string, unknown>> {
    const found = new Map<string, unknown>();
    const watching = await this.watch((key, value) => {
      if (value !== null) found.set(key, value);
    });
    await watching.stop();
    return found;
  }

  /** Resolves once the listener has heard of every present entry. */
  async watch(listener: (key: string, value: unknown) => void): Promise<Subscription> {
    const watch = new BucketWatch(this.#kv, this.#log, (entry) => this.#tell(entry, listener));
    await this.#ask(this.#what, () => watch.open());
    this.#watches.add(watch);
    watch.closed.then(() => this.#watches.delete(watch));
    return watch;
  }

  refresh(): void {
    for (const watch of this.#watches) watch.reopen();
  }

  #tell(entry: KvEntry, listener: (key: string, value: unknown) => void): void {
    const key = decodeToken(entry.key);
    // Written by somebody else's rules: not ours to show.
    if (key === null) return;
    try {
      listener(key, this.#valueOf(entry));
    } catch (error) {
      this.#log.error('a bucket listener failed', { key, reason: reasonOf(error) });
    }
  }

  #valueOf(entry: KvEntry): unknown {
    return entry.operation === 'PUT' ? this.#codec.decode(entry.value) : null;
  }
}
