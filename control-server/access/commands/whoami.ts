import type { Answer, Call, Caller } from '../../call.js';
import type { Command } from '../../command.js';
import type { Grant } from '../grant.js';
import { endOf } from '../grant.js';
import type { RulesConfig } from '../rules.js';
import { isVouchedFor, masksOf, shown, shownText } from '../subject.js';
import type { Table } from '../table.js';
import { lineOf } from '../wording.js';
import { infoOf } from './info.js';

interface Parts {
  readonly table: Table;
  readonly config: () => RulesConfig;
  readonly now: () => number;
}

export function whoamiCommand(parts: Parts): Command {
  return {
    info: infoOf({
      name: 'whoami',
      usage: '',
      help: 'Tells who you are to us, what you may, and why.',
      examples: ['whoami'],
    }),
    run: (call) => run(parts, call),
  };
}

/** Alone: the address of who is not logged in is not everybody's. */
function run(parts: Parts, { caller }: Call): Answer {
  return {
    lines: [...whoLines(parts.table, caller), ...grantLines(parts, caller), ...rankLines(parts, caller)],
    private: true,
  };
}

function whoLines(table: Table, caller: Caller): readonly string[] {
  const { author, network } = caller;
  if (!isVouchedFor(caller)) {
    return [
      `You are ${shownText(author)}, and nobody vouches for that: you may what everybody may.`,
      'Log in to an account on your network to have what was granted to it.',
    ];
  }
  const by = network === null ? 'your token' : network;
  const identity = table.identityOf(author);
  const others = identity === null ? [] : [...table.membersOf(identity)].filter((each) => each !== author);
  return [
    `You are ${shown(author)} (${shownText(author)}); ${by} vouches for it.`,
    ...(identity === null
      ? []
      : [`One person with ${others.map(shown).join(', ') || 'nobody else'} (identity:${identity}).`]),
  ];
}

function grantLines({ table, now }: Parts, caller: Caller): readonly string[] {
  const grants = grantsOf(table, caller).filter((grant) => endOf(grant) > now());
  if (grants.length === 0) return ['You were granted nothing: you are user.'];
  return grants.map(lineOf);
}

function grantsOf(table: Table, caller: Caller): readonly Grant[] {
  if (isVouchedFor(caller)) return table.grantsOfPerson(table.personOf(caller.author));
  const { author, network } = caller;
  return network === null ? [] : masksOf(author, network).flatMap((mask) => table.grantsTo(mask));
}

function rankLines({ config }: Parts, caller: Caller): readonly string[] {
  const { channelOperators } = config().access;
  if (channelOperators === null || caller.rank !== 'operator' || caller.channel === null) return [];
  if (!isVouchedFor(caller)) return [];
  return [`You are ${channelOperators} for ${shownText(caller.channel)}, as an operator of that channel.`];
}
