/** What people write behind `grant` and `revoke`. */
import { didYouMean } from '../../src/config/index.js';
import type { Call } from '../call.js';
import { CommandError } from '../command.js';
import { durationOf } from '../duration.js';
import type { GrantScope } from './grant.js';
import { isRole, PERMISSIONS, ROLES, WORD } from './roles.js';
import type { RulesConfig } from './rules.js';
import { shownText } from './subject.js';

/** A scope of three lists this long has a thousand combinations to be checked. */
const MAX_NAMES = 10;

/** Throws CommandError for a flag that is not among `known`. */
export function refuseOtherFlags({ flags }: Call, known: readonly string[]): void {
  const other = Object.keys(flags).find((flag) => !known.includes(flag));
  if (other === undefined) return;
  const hint = didYouMean(other, known) || `There are: ${known.map((flag) => `--${flag}`).join(', ')}.`;
  throw new CommandError(`There is no --${shownText(other)} here. ${hint}`);
}

/** A flag that stands alone. Throws CommandError when it took a word for its value. */
export function isSet({ flags }: Call, flag: string): boolean {
  const value = flags[flag];
  if (value === undefined || value === true) return value === true;
  throw new CommandError(`--${flag} takes no value. Write it at the very end.`);
}

/** `--network a,b --room x --command ban`. Throws CommandError for names that are not in the config. */
export function scopeNamed(call: Call, { networks, rooms }: RulesConfig): GrantScope {
  const networkNames = namesOf(call, 'network');
  const roomNames = namesOf(call, 'room');
  const commands = namesOf(call, 'command');
  refuseUnknown('network', networkNames, [...networks.keys()]);
  refuseUnknown('room', roomNames, [...rooms.keys()]);
  const unfit = commands?.find((command) => !WORD.test(command));
  if (unfit !== undefined)
    throw new CommandError(`${shownText(unfit)} is no command. Say "help" for a list.`);
  return {
    ...(networkNames === null ? {} : { networks: networkNames }),
    ...(roomNames === null ? {} : { rooms: roomNames }),
    ...(commands === null ? {} : { commands }),
  };
}

function namesOf({ flags }: Call, flag: string): readonly string[] | null {
  const value = flags[flag];
  if (value === undefined) return null;
  const names = value === true ? [] : [...new Set(value.split(',').filter((name) => name !== ''))];
  if (names.length > 0 && names.length <= MAX_NAMES) return names;
  throw new CommandError(
    `--${flag} takes 1-${MAX_NAMES} names, with commas between them: --${flag} one,two.`,
  );
}

function refuseUnknown(what: string, names: readonly string[] | null, known: readonly string[]): void {
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint = didYouMean(unknown, known) || `Say "${what}s" for a list.`;
  throw new CommandError(`There is no ${what} ${shownText(unknown)}. ${hint}`);
}

/** A role or a permission. `others`: permissions that commands of other programs ask for. */
export function wordNamed(text: string, others: readonly string[]): string {
  if (text === 'user') {
    throw new CommandError('Everybody is user already. To undo a mute, say "revoke <who> muted".');
  }
  const known = [...ROLES, ...PERMISSIONS, ...others];
  if (isRole(text) || (WORD.test(text) && known.includes(text))) return text;
  const hint = didYouMean(text, known) || 'Say "roles" for a list.';
  throw new CommandError(`${shownText(text)} is no role and no permission. ${hint}`);
}

const LONGEST_MS = 10 * 365 * 86_400_000;
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/;

/** When a grant ends by `--for 7d` or `--until 2027-01-31`, RFC 3339; null: never. Throws CommandError. */
export function endNamed({ flags }: Call, nowMs: number): string | null {
  const { for: length, until } = flags;
  if (length !== undefined && until !== undefined) throw new CommandError('Take --for or --until, not both.');
  if (length === undefined && until === undefined) return null;
  const end = length === undefined ? dateMs(until ?? '') : nowMs + (durationOf(String(length)) ?? Number.NaN);
  if (end > nowMs && end <= nowMs + LONGEST_MS) return new Date(end).toISOString();
  throw new CommandError('That is not within the next ten years. Write --for 7d or --until 2027-01-31.');
}

function dateMs(text: string | true): number {
  return DATE.test(String(text)) ? Date.parse(String(text)) : Number.NaN;
}
