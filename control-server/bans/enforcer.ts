/**
 * Bans on the networks themselves.
 *
 * Problem: the gateway that answers `ban` seldom owns the network; owners change, die and come back, and bans expire while
 * nobody looks. Idea: nobody is told to do anything. Each gateway compares what is in force with what is on record for
 * the channels that it owns, at each change and once a minute, and does what is missing. Why it is safe: to set or remove
 * the same mask twice changes nothing. What it cannot do: see that somebody removed a mask by hand.
 */
import { isIP } from 'node:net';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import { cutBytes, oneLine } from '../../src/message/index.js';
import type { Scope } from '../command.js';
import type { BanTable } from './ban-table.js';
import type { Replica } from './replica.js';
import { MASK } from './stored.js';
import { type Ban, type Effect, isInForce } from './types.js';

export interface Place {
  readonly network: string;
  readonly channel: string;
}

/** What networks let us do about people; each call goes to a network that this gateway owns. Masks as in src/bridge.ts. */
export interface NetworkBans {
  /** Channels of the scope, of networks that this gateway owns now. */
  channels(scope: Scope): readonly Place[];
  /** Rejects when it is not in force there; the message says why. */
  ban(network: string, channel: string, mask: string, untilMs: number | null): Promise<void>;
  unban(network: string, channel: string, mask: string): Promise<void>;
  kick(network: string, channel: string, person: string, reason: string): Promise<void>;
}

export interface EnforcerOptions {
  readonly table: BanTable;
  readonly replica: Pick<Replica, 'putEffect'>;
  readonly networks: NetworkBans;
  /** Whether bans are to be applied on this network. */
  readonly isWanted: (network: string) => boolean;
  readonly clock: () => number;
  readonly log: Logger;
}

const ROUND_MS = 60_000;
const RETRY_MS = 10 * 60_000;
const KICK_REASON_BYTES = 120;

export class Enforcer {
  readonly #options: EnforcerOptions;
  readonly #timer: NodeJS.Timeout;
  /** When removing a mask was last tried in vain, by ban and place. */
  readonly #unlifted = new Map<string, number>();
  #round: Promise<void> = Promise.resolve();
  /** For the next ban that ends. */
  #endTimer: NodeJS.Timeout | undefined;
  #waiting = false;
  #stopped = false;

  constructor(options: EnforcerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.wake(), ROUND_MS);
    this.#timer.unref();
  }

  /** Something may have to be done. */
  wake(): void {
    if (this.#waiting || this.#stopped) return;
    this.#waiting = true;
    this.#round = this.#round.then(async () => {
      // Changes come in bursts, at the start all at once.
      await new Promise((resolve) => setImmediate(resolve));
      this.#waiting = false;
      await this.#lookAtAll();
      this.#awaitEnd();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#endTimer);
    await this.#round;
  }

  /** One that ends sooner than the next round is lifted then. */
  #awaitEnd(): void {
    const { table, clock } = this.#options;
    const first = table
      .inForce()
      .reduce(
        (end, { until }) => (until === null ? end : Math.min(end, Date.parse(until))),
        Number.POSITIVE_INFINITY,
      );
    const leftMs = first - clock();
    clearTimeout(this.#endTimer);
    if (this.#stopped || leftMs > ROUND_MS) return;
    this.#endTimer = setTimeout(() => this.wake(), Math.max(leftMs, 0) + 1).unref();
  }

  async #lookAtAll(): Promise<void> {
    const { table, clock, log } = this.#options;
    for (const ban of table.all()) {
      if (this.#stopped) return;
      if (ban.kind !== 'ban' || ban.dryRun) continue;
      try {
        if (isInForce(ban, clock())) await this.#apply(ban);
        else await this.#lift(ban);
      } catch (error) {
        // The backbone is away: what was done is found out again at the next round.
        log.warn('what became of a ban is not on record', { ban: ban.id, reason: reasonOf(error) });
      }
    }
  }

  async #apply(ban: Ban): Promise<void> {
    const { table, networks, isWanted, clock } = this.#options;
    for (const place of networks.channels(ban.scope)) {
      const known = table.effect({ ban: ban.id, ...place });
      const isDue =
        known === null || (known.state === 'failed' && clock() - Date.parse(known.at) >= RETRY_MS);
      if (this.#stopped || !isDue || !isWanted(place.network) || !concerns(ban, place.network)) continue;
      await this.#applyAt(ban, place);
    }
  }

  async #applyAt(ban: Ban, { network, channel }: Place): Promise<void> {
    const { networks } = this.#options;
    const mask = maskOf(ban);
    if (mask === null) return;
    if (mask === '')
      return this.#note(ban, { network, channel }, '', 'failed', 'their hostmask is not known');
    try {
      await networks.ban(network, channel, mask, ban.until === null ? null : Date.parse(ban.until));
    } catch (error) {
      return this.#note(ban, { network, channel }, mask, 'failed', reasonOf(error));
    }
    await this.#note(ban, { network, channel }, mask, 'applied', '');
    if (ban.seen?.network !== network) return;
    const reason = cutBytes(oneLine(ban.reason), KICK_REASON_BYTES, '…');
    // They may have left, or have another nick by now: then the ban has to do.
    await networks.kick(network, channel, ban.seen.nick, reason).catch(() => {});
  }

  async #lift(ban: Ban): Promise<void> {
    const { table, networks, clock } = this.#options;
    const applied = table.effectsOf(ban.id).filter(({ state }) => state === 'applied');
    if (applied.length === 0) return;
    const owned = new Set(
      networks.channels(ban.scope).map(({ network, channel }) => `${network} ${channel}`),
    );
    for (const { network, channel, mask } of applied) {
      const key = `${ban.id} ${network} ${channel}`;
      if (!owned.has(`${network} ${channel}`) || clock() - (this.#unlifted.get(key) ?? 0) < RETRY_MS)
        continue;
      try {
        if (!this.#isHeldByOther(ban, { network, channel }, mask))
          await networks.unban(network, channel, mask);
        this.#unlifted.delete(key);
      } catch (error) {
        this.#unlifted.set(key, clock());
        this.#options.log.warn('cannot lift a ban', {
          ban: ban.id,
          network,
          channel,
          reason: reasonOf(error),
        });
        continue;
      }
      await this.#note(ban, { network, channel }, mask, 'lifted', '');
    }
  }

  /** Two bans may have come to the same mask. */
  #isHeldByOther(ban: Ban, place: Place, mask: string): boolean {
    const { table } = this.#options;
    return table.inForce().some((other) => {
      const effect = other.id === ban.id ? null : table.effect({ ban: other.id, ...place });
      return effect?.state === 'applied' && effect.mask === mask;
    });
  }

  #note(ban: Ban, place: Place, mask: string, state: Effect['state'], why: string): Promise<void> {
    const { replica, clock } = this.#options;
    const at = new Date(clock()).toISOString();
    return replica.putEffect({
      ban: ban.id,
      ...place,
      mask,
      state,
      why: cutBytes(oneLine(why), 300, '…'),
      at,
    });
  }
}

/** A person is banned where they are; a pattern wherever the scope reaches. */
function concerns({ match, seen }: Ban, network: string): boolean {
  if (match.by !== 'author' && match.by !== 'identity') return true;
  return (seen?.network ?? match.author.split(':')[1]) === network;
}

/** In the form of the network; empty: it should have one, and nobody knows it; null: no network has such bans. */
export function maskOf({ match, seen }: Ban): string | null {
  switch (match.by) {
    case 'text':
      return null;
    case 'mask':
      return match.mask;
    case 'nick':
      return valid(`${match.glob}!*@*`) || null;
    case 'ip':
      return isIP(match.range) === 0 ? null : valid(`*!*@${match.range}`) || null;
    case 'author':
    case 'identity': {
      const mask = seen?.mask ?? null;
      return mask === null ? '' : valid(`*!*@${mask.slice(mask.lastIndexOf('@') + 1)}`);
    }
  }
}

function valid(mask: string): string {
  return MASK.test(mask) ? mask : '';
}
