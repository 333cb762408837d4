/** Bans and mutes of one gateway: the table, what it refuses, the commands. */
import type { Bus } from '../../src/bus/index.js';
import { timeOfDay } from '../../src/clock.js';
import type { BansConfig } from '../../src/config/index.js';
import type { BanView } from '../../src/desk.js';
import type { Origin } from '../../src/gate.js';
import type { Logger } from '../../src/log.js';
import type { ParleyEvent } from '../../src/message/index.js';
import { CopyFile } from '../../src/replica/index.js';
import type { Caller } from '../call.js';
import type { Access, Audit, Command } from '../command.js';
import { banCommand } from './ban-command.js';
import { BanDesk, type Wish } from './ban-desk.js';
import { BanTable } from './ban-table.js';
import { bansCommand } from './bans-command.js';
import { DocumentBans, documentOf, type SourceBans } from './documents.js';
import { Enforcer, type NetworkBans } from './enforcer.js';
import { Guard } from './guard.js';
import { HitCounters } from './hits.js';
import { Ingress, makeSpeaker, type Refusal } from './ingress.js';
import { Polls } from './polls.js';
import { RecentLines } from './recent-lines.js';
import { Replica } from './replica.js';
import type { Places } from './scope.js';
import { parseEntry } from './stored.js';
import { Sweeper } from './sweeper.js';
import { TextBudget } from './text-pattern.js';
import type { Ban } from './types.js';
import { unbanCommand } from './unban-command.js';
import { banViews } from './view.js';

export interface BansOptions {
  readonly bus: Pick<Bus, 'bucket' | 'requestAll' | 'serveEach'>;
  readonly log: Logger;
  readonly audit: Audit;
  readonly access: Access;
  readonly places: Places;
  /** Null: bans are only kept at our own door. */
  readonly networks: NetworkBans | null;
  /** Read at each use: a reload changes it. */
  readonly config: () => BansConfig;
  /** File for a copy of them, for a start without the backbone. Absent: none is kept. */
  readonly copy?: string;
  /** Ms since 1970. Default: the day clock of the process. */
  readonly clock?: () => number;
}

export interface Bans {
  /** For the Gate: answers at once, from what is known here. */
  refuses(event: ParleyEvent, origin: Origin): Refusal | null;
  /**
   * Whether a command of theirs is to be left alone that was not heard in a room: said to us alone, or over HTTP. `room`:
   * one that it would speak into (`say`), or null.
   */
  silences(caller: Caller, room: string | null): Refusal | null;
  /** For other parts that mute (warnings that add up). No guards but the limits. Throws CommandError. */
  impose(wish: Wish): Promise<Ban>;
  /** Forgets what ended more than 90 days ago; done once an hour anyway. */
  sweep(): Promise<void>;
  /** For the console, the newest first; `all`: those that have ended, too. */
  view(all: boolean): readonly BanView[];
  /** What configuration documents say now. */
  document(sources: SourceBans): void;
  readonly commands: readonly Command[];
  stop(): Promise<void>;
}

/** Resolves once every ban is known, or the backbone turned out to be away: then they come when it is back. */
export async function openBans(options: BansOptions): Promise<Bans> {
  const { bus, access, audit, places, config, networks } = options;
  const log = options.log.child({ part: 'bans' });
  const clock = options.clock ?? timeOfDay;
  const identityOf = (author: string) => access.identityOf(author);
  const budget = new TextBudget(() =>
    log.warn('text patterns cost too much: only the beginning of long texts is looked at'),
  );
  const table = new BanTable(identityOf, budget, clock);
  const copy =
    options.copy === undefined
      ? null
      : new CopyFile({
          path: options.copy,
          what: 'bans',
          content: () => table.all().filter((ban) => documentOf(ban) === null),
          log,
        });
  takeCopy(await copy?.load(), table);
  let wake = () => {};
  const replica = new Replica({ bus, table, onChange: () => wake(), log });
  const recent = new RecentLines();
  const hits = new HitCounters(log);
  const ingress = new Ingress({ table, recent, hits, access, clock });
  const polls = new Polls({ bus, recent, hits, identityOf });
  const documents = new DocumentBans(table, clock);
  const desk = new BanDesk({ table, replica, audit, clock });
  const isWanted = (network: string) => wanted(config().onNetworks, network);
  const enforcer =
    networks === null ? null : new Enforcer({ table, replica, networks, isWanted, clock, log });
  wake = () => {
    enforcer?.wake();
    copy?.touch();
  };
  const sweeper = new Sweeper({ table, replica, hits, clock, log });
  const guard = new Guard(access, audit);
  const shared = {
    desk,
    polls,
    access,
    guard,
    places,
    table,
    hits,
    mostPercent: () => config().mostPercent,
    clock,
  };
  await replica.tried;
  wake();
  return {
    refuses: (event, origin) => ingress.refuses(event, origin),
    silences: (caller, room) => ingress.silences(speakerOf(caller, room)),
    impose: (wish) => desk.set(wish),
    sweep: () => sweeper.sweep(),
    document: (sources) => {
      const { changed, refused } = documents.apply(sources);
      if (changed) wake();
      if (refused.length > 0) log.warn('bans of documents cannot be matched', { refused });
    },
    view: (all) => banViews({ table, hits, clock }, all),
    commands: [
      banCommand('ban', shared),
      unbanCommand('ban', shared),
      banCommand('mute', shared),
      unbanCommand('mute', shared),
      bansCommand(shared),
    ],
    stop: async () => {
      sweeper.stop();
      await enforcer?.stop();
      await polls.stop();
      await replica.stop();
      await copy?.stop();
    },
  };
}

/** What this version does not understand is left out. */
function takeCopy(kept: unknown, table: BanTable): void {
  for (const ban of Array.isArray(kept) ? kept : []) {
    const entry = parseEntry({ ban });
    if (entry !== null && 'ban' in entry) table.set(entry.ban);
  }
}

function wanted(onNetworks: BansConfig['onNetworks'], network: string): boolean {
  return typeof onNetworks === 'boolean' ? onNetworks : onNetworks.includes(network);
}

function speakerOf({ author, name, verified, network, mask, rank }: Caller, room: string | null) {
  return makeSpeaker({ author, name, verified, network, room, mask, address: null, rank });
}
