import type { Answer, Call } from '../../call.js';
import { type Command, CommandError } from '../../command.js';
import { permissionsOf, ROLES } from '../roles.js';
import type { Rules, RulesConfig } from '../rules.js';
import { accountNamed, hostmaskNamed, isVouchedFor, shown } from '../subject.js';
import type { Table } from '../table.js';
import { lineOf } from '../wording.js';
import { infoOf } from './info.js';

interface Parts {
  readonly table: Table;
  readonly rules: Rules;
  readonly config: () => RulesConfig;
}

export function rolesCommand(parts: Parts): Command {
  return {
    info: infoOf({
      name: 'roles',
      usage: '[account@network]',
      help: 'Tells what each role may; of somebody, what was granted to them.',
      examples: ['roles', 'roles zappater@quakenet'],
    }),
    run: (call) => run(parts, call),
  };
}

function run(parts: Parts, call: Call): Answer {
  const [who] = call.args;
  if (who === undefined) return { lines: ROLES.map(roleLine), private: true };
  const { table, rules, config } = parts;
  const { networks } = config();
  const subject = who.includes('!') ? hostmaskNamed(who, networks) : accountNamed(who, networks);
  const isSelf = isVouchedFor(call.caller) && call.caller.author === subject;
  if (!isSelf && !rules.mayAnywhere(call.caller, 'grant')) {
    throw new CommandError(
      'What others were granted is for those who may grant. See your own with "whoami".',
    );
  }
  const grants = table.grantsOfPerson(table.personOf(subject));
  const lines = grants.length === 0 ? [`${shown(subject)} was granted nothing.`] : grants.map(lineOf);
  return { lines, private: true };
}

function roleLine(role: (typeof ROLES)[number]): string {
  if (role === 'owner') return 'owner: everything';
  if (role === 'muted') return 'muted: nothing, whatever else was granted';
  return `${role}: ${permissionsOf(role).join(', ')}`;
}
