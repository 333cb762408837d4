import type { Bucket, Bus } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import type { CounterSnapshot } from './counters.js';
import type { HealthSnapshot } from './health.js';

/** One network as everybody else sees it: a value of the NETWORKS bucket. */
export interface NetworkStatus extends HealthSnapshot {
  readonly network: string;
  readonly bridge: string;
  readonly channels: readonly string[];
  /** Events in the log that it has not taken yet. */
  readonly lag: number;
  /** Messages that wait to be said. */
  readonly queued: number;
  /** Parts on the wire, unconfirmed. */
  readonly inFlight: number;
  /** Channels that cannot take anything now. */
  readonly held: readonly string[];
  /** Of which nothing is relayed: channel, or `*` for the network, and until when (RFC 3339, UTC; null: until it is lifted). */
  readonly muted: Readonly<Record<string, string | null>>;
  /** Channels that were joined by command. */
  readonly byCommand: readonly string[];
  readonly counters: CounterSnapshot;
  /** RFC 3339, UTC. */
  readonly updatedAt: string;
  /** The gateway that owns the network, and the epoch of its lease; null: nobody known. */
  readonly owner: string | null;
  readonly epoch: number | null;
}

export interface StatusSource {
  status(): NetworkStatus;
  /** False: the entry is another gateway's to write. */
  mayWrite(): boolean;
}

const AT_MOST_EVERY_MS = 500;
const AT_LEAST_EVERY_MS = 10_000;

/** Writes the status to the NETWORKS bucket: soon after a change, and now and then for the counters. */
export class StatusReport {
  readonly #bus: Bus;
  readonly #source: StatusSource;
  readonly #log: Logger;
  readonly #beat: NodeJS.Timeout;
  #soon: NodeJS.Timeout | null = null;
  #bucket: Promise<Bucket<NetworkStatus>> | null = null;

  constructor(bus: Bus, source: StatusSource, log: Logger) {
    this.#bus = bus;
    this.#source = source;
    this.#log = log;
    this.#beat = setInterval(() => void this.#write(), AT_LEAST_EVERY_MS).unref();
  }

  changed(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      void this.#write();
    }, AT_MOST_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#beat);
    if (this.#soon !== null) clearTimeout(this.#soon);
    await this.#write();
  }

  async #write(): Promise<void> {
    if (this.#bus.state !== 'connected' || !this.#source.mayWrite()) return;
    try {
      this.#bucket ??= this.#bus.bucket<NetworkStatus>('NETWORKS');
      const status = this.#source.status();
      await (await this.#bucket).put(status.network, status);
    } catch (error) {
      this.#bucket = null;
      this.#log.debug('status not written', { reason: reasonOf(error) });
    }
  }
}
