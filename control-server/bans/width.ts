/** Whether a pattern looks as if it hit more than is meant. */
import type { Caller } from '../call.js';
import type { Access, Scope } from '../command.js';
import { counted, quoted } from './describe.js';
import { makeSpeaker } from './ingress.js';
import { compileMatch, isInScope } from './matcher.js';
import type { Preview } from './recent-lines.js';
import { isHigher } from './roles.js';
import type { Target } from './target.js';
import type { Speaker } from './types.js';

/** What somebody wants to do, and what it would have done to what was said lately. */
export interface Intent {
  readonly target: Target;
  readonly scope: Scope;
  readonly preview: Preview;
  readonly caller: Caller;
}

/** Fewer lines say nothing about a share. */
const FEW_LINES = 20;
/** Of those who would have been hit, so many are named. */
const NAMED = 4;

/**
 * Why it may hit more than is meant, as one who did not say --force is told; null: it does not look so.
 * `mostPercent`: of what was said lately in its scope.
 */
export function wideness(intent: Intent, access: Access, mostPercent: number): string | null {
  const { target, preview } = intent;
  const reasons = [
    ...(hitsCaller(intent, access) ? ['you'] : []),
    ...operatorsAmong(preview, access).map(({ name }) => `${quoted(name)}, an operator`),
  ];
  const percent = preview.lines === 0 ? 0 : (100 * preview.hits) / preview.lines;
  const isMuch = preview.lines >= FEW_LINES && percent > mostPercent && preview.speakers.length > 1;
  const isAll = preview.lines < FEW_LINES && matchesAnybody(target, access);
  if (reasons.length === 0 && !isMuch && !isAll) return null;
  const among = reasons.length === 0 ? '' : `; it matches ${reasons.slice(0, NAMED).join(' and ')}`;
  return `${hitWords(preview)}${among}`;
}

/** `It would have hit 14 of the last 120 lines (12 %) by "a", "b" and 3 more`. */
export function hitWords({ lines, hits, speakers }: Preview): string {
  const percent = lines === 0 ? '' : ` (${Math.round((100 * hits) / lines)} %)`;
  const names = speakers.slice(0, NAMED).map(({ name }) => quoted(name));
  const more = speakers.length > NAMED ? ` and ${speakers.length - NAMED} more` : '';
  const by = names.length === 0 ? '' : ` by ${names.join(', ')}${more}`;
  return `It would have hit ${hits} of the last ${counted(lines, 'line')}${percent}${by}`;
}

function operatorsAmong({ speakers }: Preview, access: Access): readonly Speaker[] {
  return speakers.filter(
    ({ author, verified, rank }) =>
      rank === 'operator' || (verified && isHigher(access.roleOf(author), 'moderator')),
  );
}

function hitsCaller({ target, scope, preview, caller }: Intent, access: Access): boolean {
  const { author, name, verified, network, mask, rank, person } = caller;
  if (preview.speakers.some((speaker) => speaker.author === author)) return true;
  const matches = compileMatch(target.match, (id) => access.identityOf(id));
  const known = makeSpeaker({ author, name, verified, network, room: null, mask, address: null, rank });
  const isThere = isInScope({ ...scope, room: null }, known);
  return isThere && [name, person ?? name].some((each) => matches({ ...known, name: each }, ''));
}

/** Somebody whom nobody could mean. */
function matchesAnybody({ match }: Target, access: Access): boolean {
  const nobody = { verified: false, network: null, room: null, rank: null };
  const matches = compileMatch(match, (id) => access.identityOf(id));
  const some: readonly Speaker[] = [
    {
      ...nobody,
      author: 'irc:x:account:qzx',
      name: 'qzxjv',
      mask: 'qzxjv!~vjq@h7.wqx.example',
      address: '203.0.113.77',
    },
    {
      ...nobody,
      author: 'irc:x:account:wvk',
      name: 'wvkypa',
      mask: 'wvkypa!ub@k.fpz.test',
      address: '198.51.100.9',
    },
  ];
  return some.every((speaker) => matches(speaker, 'vwxqzj kypfgh'));
}
