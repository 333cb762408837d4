import type { Logger } from '../../../src/log.js';
import { newId } from '../../../src/message/index.js';
import type { Answer, Call } from '../../call.js';
import { type Command, CommandError, type Scope } from '../../command.js';
import type { Authority } from '../authority.js';
import { endOf, type Grant, type GrantScope } from '../grant.js';
import type { CommandBucket } from '../on-backbone.js';
import { endNamed, isSet, refuseOtherFlags, scopeNamed, wordNamed } from '../options.js';
import type { Record } from '../record.js';
import type { RulesConfig } from '../rules.js';
import { accountNamed, hostmaskNamed, lookalikeWarning, shown } from '../subject.js';
import type { Table } from '../table.js';
import { givenBy } from '../wording.js';
import { infoOf } from './info.js';

export interface GrantingParts {
  readonly grants: CommandBucket;
  readonly table: Table;
  readonly authority: Authority;
  readonly record: Record;
  readonly config: () => RulesConfig;
  readonly permissions: () => readonly string[];
  readonly now: () => number;
  readonly log: Logger;
}

const FLAGS = ['network', 'room', 'command', 'for', 'until', 'hostmask'];
const MAX_REASON_CHARS = 300;

export function grantCommand(parts: GrantingParts): Command {
  return {
    info: infoOf({
      name: 'grant',
      usage:
        '<account@network> <role|permission> [--network <a,b>] [--room <a,b>] [--command <a,b>] [--for <duration> | --until <date>] [--hostmask] [reason]',
      help: 'Gives somebody a role or a permission, everywhere or where the flags say.',
      examples: [
        'grant zappater@quakenet moderator --room quakeworld',
        'grant zappater@quakenet announce --for 2w the cup is on',
        'grant *!*@host.example.org@libera moderator --for 7d --hostmask',
      ],
      permission: 'grant',
    }),
    run: (call) => run(parts, call),
  };
}

async function run(parts: GrantingParts, call: Call): Promise<Answer> {
  const { grants, table, authority, record, log } = parts;
  const grant = grantNamed(parts, call);
  const deed = {
    action: 'grant',
    target: grant.subject,
    scope: scopeOf(grant.scope),
    detail: { ...grant },
  };
  await record.refusing(call.caller, deed, () => authority.checkGiving(call.caller, grant));
  const present = table.grantsTo(grant.subject).find((each) => covers(each, grant));
  if (present !== undefined) {
    throw new CommandError(
      `${shown(grant.subject)} has that already: grant ${present.id}. Nothing is left to do.`,
    );
  }
  await record.did(call.caller, deed, () => grants.put(grant.id, grant));
  log.info('granted', { grant: grant.id, subject: grant.subject, gives: grant.gives, by: grant.by });
  const hostmask = isSet(call, 'hostmask');
  if (hostmask)
    log.warn('granted to a hostmask, which nobody vouches for', { grant: grant.id, subject: grant.subject });
  return {
    lines: [
      `${shown(grant.subject)} is given: ${givenBy(grant)} (grant ${grant.id}).`,
      ...warnings(grant, hostmask),
    ],
  };
}

function grantNamed(parts: GrantingParts, call: Call): Grant {
  refuseOtherFlags(call, FLAGS);
  const [who, word, ...reason] = call.args;
  if (who === undefined || word === undefined) {
    throw new CommandError(
      'Say to whom and what: "grant zappater@quakenet moderator". "roles" lists the roles.',
    );
  }
  const now = parts.now();
  const until = endNamed(call, now);
  const text = reason.join(' ');
  if (text.length > MAX_REASON_CHARS) {
    throw new CommandError(`The reason has ${text.length} characters. Shorten it to ${MAX_REASON_CHARS}.`);
  }
  return {
    id: newId(),
    subject: subjectNamed(parts, who, isSet(call, 'hostmask')),
    gives: wordNamed(word, parts.permissions()),
    scope: scopeNamed(call, parts.config()),
    by: call.caller.author,
    at: new Date(now).toISOString(),
    ...(until === null ? {} : { until }),
    reason: text,
  };
}

function subjectNamed({ config, table }: GrantingParts, who: string, hostmask: boolean): string {
  const { networks } = config();
  if (who.startsWith('identity:')) return identityNamed(table, who);
  if (hostmask) return hostmaskNamed(who, networks);
  if (/[!*]/.test(who) && who.includes('@')) {
    throw new CommandError(
      'A hostmask proves little: whoever gets that host has the rights. Name an account, or add --hostmask at the end.',
    );
  }
  return accountNamed(who, networks);
}

function identityNamed(table: Table, who: string): string {
  if (table.membersOf(who.slice('identity:'.length)).size > 0) return who;
  throw new CommandError(
    'Nobody has that identity. Name one of their accounts instead: it counts for all that are linked.',
  );
}

/** For the audit: one network or room as such, more of them are in its detail. */
export function scopeOf({ networks = [], rooms = [] }: GrantScope): Scope {
  const only = (names: readonly string[]) => (names.length === 1 ? (names[0] ?? null) : null);
  return { network: only(networks), room: only(rooms) };
}

function covers(one: Grant, other: Grant): boolean {
  const same =
    one.gives === other.gives && JSON.stringify(sorted(one.scope)) === JSON.stringify(sorted(other.scope));
  return same && endOf(one) >= endOf(other);
}

function sorted({ networks, rooms, commands }: GrantScope) {
  return [networks, rooms, commands].map((names) => (names === undefined ? null : [...names].sort()));
}

function warnings({ subject }: Grant, hostmask: boolean): readonly string[] {
  const lookalike = lookalikeWarning(subject);
  return [
    ...(hostmask
      ? [
          'Warning: nobody vouches for a hostmask. Whoever gets that host has these rights; give it an end with --for.',
        ]
      : []),
    ...(lookalike === null ? [] : [lookalike]),
  ];
}
