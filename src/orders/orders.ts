/** The bucket ORDERS, as every gateway knows it: kept over restarts and takeovers, and answered from memory. */
import type { Bus } from '../bus/index.js';
import { timeOfDay } from '../clock.js';
import type { Logger } from '../log.js';
import { FollowedBucket } from '../replica/index.js';
import { type JoinOrder, keyOf, type MuteOrder, readOrder } from './order.js';

export interface OrdersOptions {
  readonly bus: Pick<Bus, 'bucket'>;
  readonly log: Logger;
  /** File of the copy on the disk, for a start without the backbone; null: none. */
  readonly copy: string | null;
  /** Told after a channel was joined or left by command, on whatever gateway. */
  readonly changed: () => void;
  /** ms since 1970. */
  readonly now?: () => number;
}

/** Mutes of one network: by channel, null for all of it. */
type Mutes = Map<string | null, MuteOrder>;

export class Orders {
  readonly #bucket: FollowedBucket;
  readonly #changed: () => void;
  readonly #now: () => number;
  readonly #joins = new Map<string, JoinOrder>();
  /** Asked for each event: no network that is not muted costs more than one look. */
  readonly #mutes = new Map<string, Mutes>();
  readonly #muteOf = new Map<string, MuteOrder>();

  constructor({ bus, log, copy, changed, now = timeOfDay }: OrdersOptions) {
    this.#changed = changed;
    this.#now = now;
    this.#bucket = new FollowedBucket({
      bus,
      name: 'ORDERS',
      heard: (key, value) => this.#heard(key, value),
      log,
      ...(copy === null ? {} : { copy: { path: copy, keeps: () => true } }),
    });
  }

  /** Resolves once all are known, or those of the copy when the backbone is away: the rest follows. Never rejects. */
  async start(): Promise<void> {
    await this.#bucket.load();
    if (!(await this.#bucket.tryOpen())) void this.#bucket.open();
  }

  async stop(): Promise<void> {
    await this.#bucket.stop();
  }

  joins(): readonly JoinOrder[] {
    return [...this.#joins.values()];
  }

  joinOf(network: string, channel: string): JoinOrder | null {
    return this.#joins.get(keyOf({ kind: 'join', network, channel })) ?? null;
  }

  /** Whether nothing that is heard there is relayed now. */
  isMuted(network: string, channel: string): boolean {
    const mutes = this.#mutes.get(network);
    if (mutes === undefined) return false;
    return this.#holds(mutes.get(null)) || this.#holds(mutes.get(channel));
  }

  /** Those in force on a network. */
  mutesOn(network: string): readonly MuteOrder[] {
    return [...(this.#mutes.get(network)?.values() ?? [])].filter((mute) => this.#holds(mute));
  }

  /** Resolves once the backbone has it; it is in force here by then. Throws BACKBONE_UNAVAILABLE. */
  async put(order: JoinOrder | MuteOrder): Promise<void> {
    await this.#bucket.put(keyOf(order), order);
    await this.#sweep();
  }

  /** As `put`. False: there was none. */
  async take(order: Pick<JoinOrder | MuteOrder, 'kind' | 'network' | 'channel'>): Promise<boolean> {
    const key = keyOf(order);
    const isThere = this.#joins.has(key) || this.#holds(this.#muteOf.get(key));
    if (this.#joins.has(key) || this.#muteOf.has(key)) await this.#bucket.delete(key);
    return isThere;
  }

  #holds(mute: MuteOrder | undefined): boolean {
    return mute !== undefined && (mute.until === null || Date.parse(mute.until) > this.#now());
  }

  /** Mutes that are over are forgotten when somebody gives the next order. */
  async #sweep(): Promise<void> {
    const over = [...this.#muteOf].filter(([, mute]) => !this.#holds(mute));
    for (const [key] of over) await this.#bucket.delete(key);
  }

  #heard(key: string, value: unknown): void {
    const order = readOrder(key, value);
    if (order === null) this.#forget(key);
    else if (order.kind === 'mute') this.#mute(key, order);
    else this.#join(key, order);
  }

  #join(key: string, order: JoinOrder): void {
    this.#joins.set(key, order);
    this.#changed();
  }

  #mute(key: string, order: MuteOrder): void {
    this.#muteOf.set(key, order);
    const mutes: Mutes = this.#mutes.get(order.network) ?? new Map();
    this.#mutes.set(order.network, mutes.set(order.channel, order));
  }

  #forget(key: string): void {
    if (this.#joins.delete(key)) this.#changed();
    const mute = this.#muteOf.get(key);
    if (mute === undefined) return;
    this.#muteOf.delete(key);
    const mutes = this.#mutes.get(mute.network);
    mutes?.delete(mute.channel);
    if (mutes?.size === 0) this.#mutes.delete(mute.network);
  }
}
