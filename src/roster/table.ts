import type { Bus, Subscription } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { keyOf, type RoomMember, type RosterEntry, STALE_MS } from './entry.js';

interface Place {
  readonly network: string;
  readonly channel: string;
}

const RETRY_MS = 2000;

/** Who is where, over all networks, as far as their owners have told. */
export class RosterTable {
  readonly #bus: Pick<Bus, 'bucket'>;
  readonly #log: Logger;
  readonly #entries = new Map<string, RosterEntry>();
  #watching: Subscription | null = null;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(bus: Pick<Bus, 'bucket'>, log: Logger) {
    this.#bus = bus;
    this.#log = log;
  }

  /** Returns at once: until the backbone answers, nobody is known to be anywhere. */
  start(): void {
    void this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#watching?.stop();
  }

  /** Those in the channels, in their order, by name. */
  membersOf(places: readonly Place[], nowMs = Date.now()): readonly RoomMember[] {
    return places.flatMap(({ network, channel }) => {
      const entry = this.#entries.get(keyOf(network, channel));
      return entry === undefined || nowMs - Date.parse(entry.at) > STALE_MS ? [] : membersIn(entry);
    });
  }

  async #watch(): Promise<void> {
    try {
      const bucket = await this.#bus.bucket<RosterEntry>('ROSTER');
      this.#watching = await bucket.watch((key, entry) => this.#heard(key, entry));
      if (this.#stopped) await this.#watching.stop();
    } catch (error) {
      this.#log.debug('who is there is not known yet', { reason: reasonOf(error) });
      if (!this.#stopped) this.#retry = setTimeout(() => void this.#watch(), RETRY_MS).unref();
    }
  }

  #heard(key: string, entry: RosterEntry | null): void {
    if (entry === null) this.#entries.delete(key);
    else if (isEntry(entry)) this.#entries.set(key, entry);
  }
}

function isEntry(value: unknown): value is RosterEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { network, channel, at, members } = value as Partial<Record<keyof RosterEntry, unknown>>;
  return (
    typeof network === 'string' &&
    typeof channel === 'string' &&
    typeof at === 'string' &&
    Array.isArray(members)
  );
}

function membersIn({ network, channel, at, members }: RosterEntry): readonly RoomMember[] {
  return members
    .map(({ name, rank, bot }) => ({ name, network, channel, rank: rank ?? null, bot: bot === true, at }))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}
