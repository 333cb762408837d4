/** Grants as people read them. */
import type { Grant, GrantScope } from './grant.js';
import { isRole } from './roles.js';
import { shown, shownText } from './subject.js';
import { BY_CONFIG } from './table.js';

/** `moderator in quakeworld until 2026-12-01T00:00:00Z`. */
export function givenBy({ gives, scope, until }: Pick<Grant, 'gives' | 'scope' | 'until'>): string {
  const what = isRole(gives) ? gives : `permission "${gives}"`;
  const end = until === undefined ? '' : ` until ${until}`;
  return `${what} ${placeOf(scope)}${end}`;
}

/** One line about a grant, with the id to revoke it by. */
export function lineOf(grant: Grant): string {
  if (grant.id === BY_CONFIG) return `${shown(grant.subject)}: owner everywhere, by the config file`;
  const reason = grant.reason === '' ? '' : ` (${shownReason(grant.reason)})`;
  const by = grant.by === 'claim' ? 'the first owner’s code' : shown(grant.by);
  return `${shown(grant.subject)}: ${givenBy(grant)}, by ${by} on ${grant.at.slice(0, 10)}, grant ${grant.id}${reason}`;
}

export function placeOf({ networks, rooms, commands }: GrantScope): string {
  const parts = [
    commands === undefined ? '' : `for ${commands.join(', ')}`,
    rooms === undefined ? '' : `in ${rooms.join(', ')}`,
    networks === undefined ? '' : `on ${networks.join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everywhere' : parts.join(' ');
}

function shownReason(reason: string): string {
  return reason.split(/\s+/u).map(shownText).join(' ');
}
