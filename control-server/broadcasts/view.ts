/** Broadcast lists as the console shows them. */
import type { BroadcastListConfig, ParleyConfig } from '../../src/config/index.js';
import type { BroadcastListView, BroadcastsView } from '../../src/desk.js';
import { countsOf } from './counts.js';
import type { Ledger } from './ledger.js';
import { mutedUntil, together } from './offences.js';
import { quietestUntil } from './quiet.js';

export function broadcastsView(config: ParleyConfig, ledger: Ledger, now: number): BroadcastsView {
  const { lists } = config.broadcasts;
  return {
    lists: lists.map((list) => listView(list, config, ledger, now)),
    muted: mutedIn(config, ledger, now).map(({ name, until }) => ({ name, until: time(until) })),
  };
}

export interface Muted {
  readonly name: string;
  /** Ms since 1970. */
  readonly until: number;
}

/** By warnings that added up. */
export function mutedIn({ broadcasts: { warnings } }: ParleyConfig, ledger: Ledger, now: number): Muted[] {
  if (warnings === null) return [];
  return [...ledger.people().values()].flatMap((records) => {
    const record = together(records);
    const until = mutedUntil(record, warnings, now);
    return until === null ? [] : [{ name: record.name, until }];
  });
}

function listView(
  list: BroadcastListConfig,
  config: ParleyConfig,
  ledger: Ledger,
  now: number,
): BroadcastListView {
  const pause = ledger.pauseOf(list.name);
  const isPaused = pause !== null && (pause.until ?? Number.POSITIVE_INFINITY) > now;
  const quiet = quietestUntil(list.quiet, now);
  return {
    name: list.name,
    words: list.commands,
    about: list.about,
    rooms: list.hear ?? [...config.rooms.keys()],
    dryRun: list.dryRun,
    pausedUntil: !isPaused ? null : pause.until === null ? 'forever' : time(pause.until),
    quietUntil: quiet === null ? null : Number.isFinite(quiet) ? time(quiet) : 'forever',
    ...countsOf(ledger.records(list.name)),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
