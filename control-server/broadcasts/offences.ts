/** Warnings that add up to mutes, and mutes that grow longer and always end. Pure. */
import type { WarningsConfig } from '../../src/config/index.js';
import type { Mute, PersonRecord } from './shapes.js';

export const INNOCENT: PersonRecord = { name: '', warnings: [], mutes: [], pardoned: 0 };

/** What all gateways have against a person. */
export function together(records: readonly PersonRecord[]): PersonRecord {
  const pardoned = Math.max(0, ...records.map((record) => record.pardoned));
  return {
    name: records.at(-1)?.name ?? '',
    warnings: records.flatMap(({ warnings }) => warnings).filter((time) => time > pardoned),
    mutes: records.flatMap(({ mutes }) => mutes).filter(({ since }) => since > pardoned),
    pardoned,
  };
}

/** When the person may call again; null: now. Never more than `longestMs` ahead, whatever another clock says. */
export function mutedUntil({ mutes }: PersonRecord, rules: WarningsConfig, now: number): number | null {
  const ends = mutes.filter(({ until }) => until > now).map(({ until }) => until);
  return ends.length === 0 ? null : Math.min(Math.max(...ends), now + rules.longestMs);
}

export interface Warned {
  /** Of how many: `limit`. */
  readonly warning: number;
  /** Set when this one was the last. */
  readonly mute: Mute | null;
}

/** What one more warning makes of it. */
export function warn(record: PersonRecord, rules: WarningsConfig, now: number): Warned {
  const lastMute = Math.max(0, ...record.mutes.map(({ since }) => since));
  const counted = record.warnings.filter((time) => time > lastMute && time > now - rules.withinMs);
  const warning = counted.length + 1;
  if (warning < rules.limit) return { warning, mute: null };
  return { warning, mute: { since: now, until: now + muteMs(record.mutes, rules, now) } };
}

/** The record after that warning. */
export function offended(record: PersonRecord, { mute }: Warned, now: number): PersonRecord {
  const mutes = mute === null ? record.mutes : [...record.mutes, mute];
  return { ...record, warnings: [...record.warnings, now], mutes };
}

function muteMs(mutes: readonly Mute[], rules: WarningsConfig, now: number): number {
  const before = chain(mutes.filter(({ until }) => until > now - rules.forgetMs));
  return Math.min(rules.muteMs * 2 ** before, rules.longestMs);
}

/** How many mutes; two gateways that mute for the same warnings at once count as one. */
function chain(mutes: readonly Mute[]): number {
  let [count, end] = [0, 0];
  for (const { since, until } of [...mutes].sort((a, b) => a.since - b.since)) {
    if (since >= end) count += 1;
    end = Math.max(end, until);
  }
  return count;
}

/** Without what has no weight any more; null: nothing is left. */
export function remaining(record: PersonRecord, rules: WarningsConfig, now: number): PersonRecord | null {
  const oldest = now - Math.max(rules.withinMs, rules.forgetMs, rules.longestMs);
  const warnings = record.warnings.filter((time) => time > now - rules.withinMs);
  const mutes = record.mutes.filter(({ until }) => until > now - rules.forgetMs);
  const isPardoned = record.pardoned > oldest;
  return warnings.length + mutes.length === 0 && !isPardoned ? null : { ...record, warnings, mutes };
}
