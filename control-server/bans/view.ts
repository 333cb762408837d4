/** Bans as the console shows them. */
import type { BanView } from '../../src/desk.js';
import type { BanTable } from './ban-table.js';
import { targetOf } from './describe.js';
import type { HitCounters } from './hits.js';
import { type Ban, isInForce } from './types.js';

export interface BanViewSource {
  readonly table: BanTable;
  readonly hits: HitCounters;
  readonly clock: () => number;
}

/** The newest first. */
export function banViews({ table, hits, clock }: BanViewSource, all: boolean): readonly BanView[] {
  const now = clock();
  const bans = all ? table.all() : table.all().filter((ban) => isInForce(ban, now));
  return bans.toReversed().map((ban) => viewOf(ban, table, hits, now));
}

function viewOf(ban: Ban, table: BanTable, hits: HitCounters, now: number): BanView {
  const { id, kind, match, scope, reason, by, at, until, dryRun, lifted } = ban;
  return {
    id,
    kind,
    by: match.by,
    target: targetOf(match),
    network: scope.network,
    room: scope.room,
    reason,
    setBy: by.name,
    at,
    until,
    dryRun,
    inForce: isInForce(ban, now),
    lifted: lifted === null ? null : { by: lifted.by.name, at: lifted.at, reason: lifted.reason },
    hits: hits.of(id)?.count ?? 0,
    effects: table
      .effectsOf(id)
      .map(({ network, channel, state, why }) => ({ network, channel, state, why })),
  };
}
