/**
 * What all gateways together know of the past: said, refused, warned, muted, opted out, paused.
 *
 * Problem: each gateway decides what its own networks call, at once, and must know what the others said; but a bucket
 * of several copies has no compare-and-swap that holds (nats-server 2.9). Idea: each gateway writes under keys of its
 * own alone, watches all, and adds them up. Why it is safe: with one writer for each key nothing is overwritten, and a
 * gateway's own calls are in its memory before the next one is decided. What it cannot do: know what another gateway
 * said less than one replication ago; so two gateways may each say one in that time. While the backbone is away each
 * counts alone; what it has written down meanwhile follows.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket, Bus, Subscription } from '../../src/bus/index.js';
import { ParleyError, reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import { type Entry, entryOf, keyOf, listOf, type People } from './records.js';
import type { ListRecord, OptOut, Pause, PersonRecord } from './shapes.js';
import { Writer } from './writer.js';

const RETRY_MS = 1_000;
const NOBODY: People = new Map();
const NOTHING: ListRecord = { said: [], called: 0, told: 0, refused: {} };

export interface LedgerOptions {
  readonly bus: Bus;
  /** Name of this gateway: no other may have it. */
  readonly gateway: string;
  readonly now: () => number;
  readonly log: Logger;
}

type OwnEntry = Extract<Entry, { readonly gateway: string }>;

export class Ledger {
  readonly #options: LedgerOptions;
  /** list → gateway → record. */
  readonly #lists = new Map<string, Map<string, ListRecord>>();
  readonly #people = new Map<string, People>();
  readonly #optOuts = new Map<string, OptOut>();
  readonly #pauses = new Map<string, Pause>();
  /** Our own entries, as an earlier run left them. */
  readonly #before = new Map<string, OwnEntry>();
  readonly #writer: Writer;
  readonly #ending = new AbortController();
  #bucket: Bucket<unknown> | null = null;
  #watching: Subscription | null = null;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#writer = new Writer((key) => this.#valueOf(key), options.log);
  }

  /** Resolves after the first attempt to read it all; goes on in the background when the backbone is away. */
  async open(): Promise<void> {
    if (await this.#attempt()) return;
    void this.#keepTrying();
  }

  /** Writes what is not written yet, if the backbone is there. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#watching?.stop();
    await this.#writer.stop();
  }

  /** By gateway. */
  records(list: string): readonly ListRecord[] {
    return [...(this.#lists.get(list)?.values() ?? [])];
  }

  own(list: string): ListRecord {
    return this.#lists.get(list)?.get(this.#options.gateway) ?? NOTHING;
  }

  /** `urgent`: the others must know, as it was said; else it is a counter. */
  keep(list: string, record: ListRecord, urgent: boolean): void {
    this.#setList(list, this.#options.gateway, record);
    this.#write(keyOf.list(list, this.#options.gateway), urgent);
  }

  /** What each gateway has against a person. */
  personRecords(person: string): readonly PersonRecord[] {
    return [...this.#people.values()].map((people) => people.get(person)).filter((one) => one !== undefined);
  }

  /** The people that any gateway has something against, by identity or author. */
  people(): ReadonlyMap<string, readonly PersonRecord[]> {
    const ids = new Set([...this.#people.values()].flatMap((people) => [...people.keys()]));
    return new Map([...ids].map((id) => [id, this.personRecords(id)]));
  }

  ownPeople(): People {
    return this.#people.get(this.#options.gateway) ?? NOBODY;
  }

  keepPeople(people: People): void {
    this.#people.set(this.#options.gateway, people);
    this.#write(keyOf.people(this.#options.gateway), true);
  }

  /** Whether the channel has opted out of this list, or of all. */
  isOut(list: string, network: string, channel: string): boolean {
    return [list, null].some((each) => this.#optOuts.has(keyOf.optOut(each, network, channel)));
  }

  optOuts(): readonly OptOut[] {
    return [...this.#optOuts.values()];
  }

  /** Resolves once the backbone has it. Throws BACKBONE_UNAVAILABLE. */
  async optOut(out: OptOut): Promise<void> {
    const key = keyOf.optOut(out.list, out.network, out.channel);
    await this.#needBucket().put(key, out);
    this.#optOuts.set(key, out);
  }

  /** False: it had not opted out. Throws BACKBONE_UNAVAILABLE. */
  async optIn(list: string | null, network: string, channel: string): Promise<boolean> {
    const key = keyOf.optOut(list, network, channel);
    if (!this.#optOuts.has(key)) return false;
    await this.#needBucket().delete(key);
    this.#optOuts.delete(key);
    return true;
  }

  pauseOf(list: string): Pause | null {
    return this.#pauses.get(list) ?? null;
  }

  /** Throws BACKBONE_UNAVAILABLE. */
  async pause(paused: Pause): Promise<void> {
    await this.#needBucket().put(keyOf.pause(paused.list), paused);
    this.#pauses.set(paused.list, paused);
  }

  /** False: it was not paused. Throws BACKBONE_UNAVAILABLE. */
  async resume(list: string): Promise<boolean> {
    if (!this.#pauses.has(list)) return false;
    await this.#needBucket().delete(keyOf.pause(list));
    this.#pauses.delete(list);
    return true;
  }

  #needBucket(): Bucket<unknown> {
    if (this.#bucket !== null) return this.#bucket;
    throw new ParleyError('BACKBONE_UNAVAILABLE', 'broadcast lists: their record is not read yet');
  }

  async #keepTrying(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await pause(RETRY_MS, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
      if (this.#ending.signal.aborted || (await this.#attempt())) return;
    }
  }

  async #attempt(): Promise<boolean> {
    const { bus, log } = this.#options;
    this.#before.clear();
    try {
      const bucket = await bus.bucket<unknown>('BROADCASTS');
      this.#watching = await bucket.watch((key, value) => this.#heard(key, value));
      for (const entry of this.#before.values()) this.#resumeFrom(entry);
      this.#bucket = bucket;
    } catch (error) {
      log.debug('the record of broadcast lists cannot be read yet', { reason: reasonOf(error) });
      return false;
    }
    if (this.#ending.signal.aborted) await this.#watching.stop();
    this.#writer.open(this.#bucket);
    return true;
  }

  #heard(key: string, value: unknown): void {
    const entry = entryOf(key, value);
    if (entry === null) {
      this.#options.log.warn('an entry of BROADCASTS cannot be read', { key });
    } else if (entry.kind === 'optout') {
      set(this.#optOuts, key, entry.value);
    } else if (entry.kind === 'pause') {
      set(this.#pauses, key.slice('pause/'.length), entry.value);
    } else if (entry.gateway === this.#options.gateway) {
      // Our own, from before the start; later echoes are older than what is in memory.
      if (this.#bucket === null) this.#before.set(key, entry);
    } else if (entry.kind === 'list') {
      this.#setList(entry.list, entry.gateway, entry.value && notInFuture(entry.value, this.#options.now()));
    } else {
      set(this.#people, entry.gateway, entry.value);
    }
  }

  /** Before the backbone was there, calls may have been decided already. */
  #resumeFrom(entry: OwnEntry): void {
    if (entry.value === null) return;
    const { gateway } = this.#options;
    if (entry.kind === 'people') {
      this.#people.set(gateway, new Map([...entry.value, ...this.ownPeople()]));
    } else {
      this.#setList(
        entry.list,
        gateway,
        added(notInFuture(entry.value, this.#options.now()), this.own(entry.list)),
      );
    }
  }

  #setList(list: string, gateway: string, record: ListRecord | null): void {
    const gateways = this.#lists.get(list) ?? new Map<string, ListRecord>();
    this.#lists.set(list, gateways);
    set(gateways, gateway, record);
  }

  #write(key: string, urgent: boolean): void {
    this.#writer.changed(key, urgent);
  }

  #valueOf(key: string): unknown {
    const [kind, list = ''] = key.split('/');
    return kind === 'people' ? listOf(this.ownPeople()) : this.own(list);
  }
}

function set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}

function notInFuture(record: ListRecord, now: number): ListRecord {
  return { ...record, said: record.said.map((one) => (one.time > now ? { ...one, time: now } : one)) };
}

function added(before: ListRecord, since: ListRecord): ListRecord {
  const reasons = new Set([...Object.keys(before.refused), ...Object.keys(since.refused)]) as Set<
    keyof ListRecord['refused']
  >;
  return {
    said: [...before.said, ...since.said],
    called: before.called + since.called,
    told: before.told + since.told,
    refused: Object.fromEntries(
      [...reasons].map((reason) => [reason, (before.refused[reason] ?? 0) + (since.refused[reason] ?? 0)]),
    ),
  };
}
