/** The tokens that are valid now: those of the config, and those of the TOKENS bucket as it changes. */
import type { Bucket, Bus, Subscription } from '../bus/index.js';
import type { TokenConfig } from '../config/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type Author, encodeHttpSource } from '../message/index.js';
import { TokenCache } from './token-cache.js';
import { hashToken, isTokenRecord, type TokenRecord } from './tokens.js';

/** What a valid token gives. The event parts that depend on the token alone are made once. */
export interface Grant {
  readonly name: string;
  readonly scopes: ReadonlySet<string>;
  /** `/http/{token name}`. */
  readonly source: string;
  readonly author: Author;
}

export interface Grants {
  /** The grant of a token, or null. */
  find(token: string): Grant | null;
  /** False until the tokens of the bucket were learnt, be it from an earlier run: an unknown token may be a good one. */
  readonly complete: boolean;
  /** Calls back with each grant that was revoked or replaced. */
  onRevoked(listener: (grant: Grant) => void): void;
  /** Replaces the tokens of the config. */
  update(fixed: readonly TokenConfig[]): void;
  stop(): Promise<void>;
}

/** True when the scopes allow `verb` (`read`, `write`, `status`, `admin`) in `room`; null room = anywhere. */
export function allows(grant: Grant, verb: string, room: string | null): boolean {
  const { scopes } = grant;
  return scopes.has(verb) || scopes.has('admin') || (room !== null && scopes.has(`${verb}:${room}`));
}

/** True when at least one room is open to `verb`. */
export function allowsSome(grant: Grant, verb: string): boolean {
  return allows(grant, verb, null) || [...grant.scopes].some((scope) => scope.startsWith(`${verb}:`));
}

/**
 * Resolves with the tokens of the bucket loaded; when the backbone does not answer, with those that were known last, or
 * without them yet.
 */
export async function openGrants(
  fixed: readonly TokenConfig[],
  bus: Bus,
  log: Logger,
  cacheFile: string | null = null,
): Promise<Grants> {
  const table = new GrantTable(fixed, log);
  const cache = cacheFile === null ? null : new TokenCache(cacheFile, log);
  const watch = new TokenWatch(bus, table, cache, log);
  await watch.start();
  return {
    find: (token) => table.find(token),
    get complete() {
      return watch.complete;
    },
    onRevoked: (listener) => table.listeners.push(listener),
    update: (tokens) => table.fix(tokens),
    stop: () => watch.stop(),
  };
}

class GrantTable {
  // Looked up by the hash of what the caller sent: how long that takes tells nothing about a stored hash, because
  // nobody can choose the hash of their guess. No comparison of secrets is left that would need constant time.
  readonly #byHash = new Map<string, Grant>();
  readonly #records = new Map<string, TokenRecord>();
  #fixed: ReadonlySet<string> = new Set();
  readonly listeners: ((grant: Grant) => void)[] = [];
  readonly #log: Logger;

  constructor(fixed: readonly TokenConfig[], log: Logger) {
    this.#log = log;
    this.fix(fixed);
  }

  /** Replaces the tokens of the config; one that is still there as it was keeps its grant. */
  fix(tokens: readonly TokenConfig[]): void {
    const hashes = new Set(tokens.map(({ hash }) => hash));
    for (const hash of this.#fixed) if (!hashes.has(hash)) this.#revoke(hash);
    for (const token of tokens) {
      if (sameToken(this.#byHash.get(token.hash), token)) continue;
      this.#revoke(token.hash);
      this.#byHash.set(token.hash, grantOf(token));
    }
    this.#fixed = hashes;
  }

  find(token: string): Grant | null {
    return this.#byHash.get(hashToken(token)) ?? null;
  }

  /** Names that came from the bucket. */
  names(): readonly string[] {
    return [...this.#records.keys()];
  }

  /** What came from the bucket. */
  records(): readonly TokenRecord[] {
    return [...this.#records.values()];
  }

  put(key: string, record: unknown): void {
    if (!isTokenRecord(record) || record.name !== key) {
      this.#log.warn('ignored a malformed token record', { token: key });
      this.delete(key);
      return;
    }
    if (this.#records.get(key)?.hash === record.hash && sameToken(this.#byHash.get(record.hash), record))
      return;
    this.delete(key);
    if (this.#fixed.has(record.hash)) return;
    this.#records.set(key, record);
    this.#byHash.set(record.hash, grantOf(record));
  }

  delete(key: string): void {
    const hash = this.#records.get(key)?.hash;
    if (hash === undefined) return;
    this.#records.delete(key);
    this.#revoke(hash);
  }

  #revoke(hash: string): void {
    const grant = this.#byHash.get(hash);
    this.#byHash.delete(hash);
    if (grant !== undefined) for (const listener of this.listeners) listener(grant);
  }
}

function grantOf({ name, scopes }: TokenConfig): Grant {
  return {
    name,
    scopes: new Set(scopes),
    source: encodeHttpSource(name),
    author: { id: `http:${name}:${name}`, name, verified: true },
  };
}

function sameToken(grant: Grant | undefined, { name, scopes }: TokenConfig): boolean {
  if (grant?.name !== name || grant.scopes.size !== new Set(scopes).size) return false;
  return scopes.every((scope) => grant.scopes.has(scope));
}

const FIRST_LOAD_MS = 2_000;
const RETRY_MS = 1_000;
/** The cache is written soon after a change, and now and then to say that it still holds. */
const WRITE_AFTER_MS = 200;
const WRITE_EVERY_MS = 60 * 60_000;

/** Keeps the table equal to the bucket; begins again when the watch ends on its own. */
class TokenWatch {
  readonly #bus: Bus;
  readonly #table: GrantTable;
  readonly #cache: TokenCache | null;
  readonly #log: Logger;
  #complete = false;
  #watching = false;
  #writing: NodeJS.Timeout | undefined;
  #subscription: Subscription | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(bus: Bus, table: GrantTable, cache: TokenCache | null, log: Logger) {
    this.#bus = bus;
    this.#table = table;
    this.#cache = cache;
    this.#log = log;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** The gateway must come up while the backbone is away: the wait for the first load is bounded. */
  async start(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_LOAD_MS);
    });
    await Promise.race([this.#load(), late]);
    clearTimeout(timer);
    if (!this.#complete) await this.#recall();
  }

  /** Those that were known last. */
  async #recall(): Promise<void> {
    const known = (await this.#cache?.read()) ?? null;
    if (known === null || this.#complete) return;
    for (const record of known) this.#table.put(record.name, record);
    this.#complete = true;
    this.#log.warn('tokens are those that were known last', { tokens: known.length });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#writing);
    await this.#subscription?.stop();
    if (this.#watching) await this.#cache?.write(this.#table.records());
  }

  async #load(): Promise<void> {
    try {
      const bucket = await this.#bus.bucket<TokenRecord>('TOKENS');
      await this.#reconcile(bucket);
      const subscription = await bucket.watch((key, record) => {
        if (record === null) this.#table.delete(key);
        else this.#table.put(key, record);
        this.#keep(WRITE_AFTER_MS);
      });
      this.#complete = true;
      this.#watching = true;
      this.#keep(WRITE_AFTER_MS);
      this.#subscription = subscription;
      if (this.#stopped) return await subscription.stop();
      subscription.closed.catch((error: unknown) => this.#again(error));
    } catch (error) {
      this.#again(error);
    }
  }

  /** A watch tells only what is there: what was deleted while nobody watched is found here. */
  async #reconcile(bucket: Bucket<TokenRecord>): Promise<void> {
    const present = await bucket.entries();
    for (const [key, record] of present) this.#table.put(key, record);
    for (const name of this.#table.names()) if (!present.has(name)) this.#table.delete(name);
  }

  #keep(afterMs: number): void {
    if (this.#cache === null || this.#stopped) return;
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => {
      void this.#cache?.write(this.#table.records());
      this.#keep(WRITE_EVERY_MS);
    }, afterMs).unref();
  }

  #again(error: unknown): void {
    this.#watching = false;
    if (this.#stopped) return;
    // That the backbone is away is said by who connects.
    const level = this.#bus.state === 'connected' ? 'warn' : 'debug';
    this.#log[level]('cannot watch tokens, trying again', { reason: reasonOf(error) });
    this.#timer = setTimeout(() => void this.#load(), RETRY_MS).unref();
  }
}
