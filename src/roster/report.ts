/**
 * Tells all gateways who is in the channels of one network, while it is ours.
 *
 * A change is told a second later, together with those that came meanwhile: a netsplit is two entries, not two thousand. While
 * the connection is lost nothing is told, so that a reconnect does not empty the rooms; what is not told again for ten
 * minutes is not believed.
 */
import type { Member } from '../bridge.js';
import type { Bucket, Bus } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { keyOf, MOST_MEMBERS, REFRESH_MS, type RosterEntry } from './entry.js';

export interface RosterReportOptions {
  readonly bus: Pick<Bus, 'bucket'>;
  readonly network: string;
  /** Name of this gateway. */
  readonly owner: string;
  readonly log: Logger;
  /** The channels that rooms attach. */
  readonly channels: () => readonly string[];
  /** Null: not known now, or never. */
  readonly members: (channel: string) => readonly Member[] | null;
  /** False: another gateway's to tell. */
  readonly mayTell: () => boolean;
}

const SOON_MS = 1000;

export class RosterReport {
  readonly #options: RosterReportOptions;
  readonly #changed = new Set<string>();
  #soon: NodeJS.Timeout | null = null;
  readonly #refresh: NodeJS.Timeout;
  #telling: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: RosterReportOptions) {
    this.#options = options;
    this.#refresh = setInterval(() => this.allChanged(), REFRESH_MS).unref();
  }

  changed(channel: string): void {
    this.#changed.add(channel);
    if (this.#stopped) return;
    this.#soon ??= setTimeout(() => this.#tell(), SOON_MS).unref();
  }

  allChanged(): void {
    for (const channel of this.#options.channels()) this.changed(channel);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#refresh);
    if (this.#soon !== null) clearTimeout(this.#soon);
    await this.#telling;
  }

  #tell(): void {
    this.#soon = null;
    const { mayTell, log } = this.#options;
    const entries = mayTell() ? this.#entries() : new Map();
    this.#changed.clear();
    if (entries.size === 0) return;
    this.#telling = this.#telling
      .then(async () => (await this.#bucket()).putAll(entries))
      .catch((error: unknown) => {
        log.debug('who is there was not told', { reason: reasonOf(error) });
        // Told again with the next change, or with the refresh.
      });
  }

  #bucket(): Promise<Bucket<RosterEntry>> {
    return this.#options.bus.bucket<RosterEntry>('ROSTER');
  }

  #entries(): ReadonlyMap<string, RosterEntry> {
    const { network, owner, members: membersOf } = this.#options;
    const at = new Date().toISOString();
    const entries = new Map<string, RosterEntry>();
    for (const channel of this.#changed) {
      const members = membersOf(channel);
      if (members === null) continue;
      const told = members.slice(0, MOST_MEMBERS);
      const more = members.length - told.length;
      entries.set(keyOf(network, channel), { network, channel, owner, at, members: told, more });
    }
    return entries;
  }
}
