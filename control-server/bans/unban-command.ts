/** `unban` and `unmute`: by id, or by what was banned. */
import type { Answer, Call } from '../call.js';
import { type Command, CommandError } from '../command.js';
import { originOf } from '../origin.js';
import type { BanDesk } from './ban-desk.js';
import type { BanTable } from './ban-table.js';
import { matchWords, quoted, scopeWords, targetOf } from './describe.js';
import { documentOf } from './documents.js';
import { authorKey, foldName } from './fold.js';
import type { Guard } from './guard.js';
import type { Ban, Kind } from './types.js';

export interface UnbanCommandOptions {
  readonly desk: BanDesk;
  readonly table: BanTable;
  readonly guard: Guard;
}

export function unbanCommand(kind: Kind, options: UnbanCommandOptions): Command {
  return {
    info: {
      name: `un${kind}`,
      usage: '<id or who> [reason]',
      help: `Lifts a ${kind} everywhere, on the networks too.`,
      examples: [`un${kind} ${kind.charAt(0)}3k7xq`, `un${kind} zappater said sorry`],
      permission: kind,
      cooldownMs: 0,
      hidden: false,
      privateOnly: false,
    },
    run: (call) => run(kind, call, options),
  };
}

async function run(kind: Kind, call: Call, { desk, table, guard }: UnbanCommandOptions): Promise<Answer> {
  const [word, ...reason] = call.args;
  if (word === undefined) throw new CommandError(`Say which: un${kind} <id or who>. "bans" lists them.`);
  const { caller } = call;
  const ban = oneMeant(word, kind, table);
  await guard.checkLift(ban, caller);
  const document = documentOf(ban);
  if (document !== null)
    throw new CommandError(`${ban.id} comes from the document ${document}. Take it out there.`);
  const { author, name } = caller;
  const lifted = await desk.lift(ban, { author, name }, originOf(caller), reason.join(' '));
  const lines = [
    `${lifted.id}: lifted the ${ban.kind} of ${matchWords(ban.match)} ${scopeWords(ban.scope)}.`,
  ];
  return ban.match.by === 'ip' ? { lines, private: true } : { lines };
}

function oneMeant(word: string, kind: Kind, table: BanTable): Ban {
  const inForce = table.inForce();
  const byId = table.get(word.toLowerCase());
  if (byId !== null) {
    if (inForce.includes(byId)) return byId;
    throw new CommandError(`${byId.id} is no longer in force. There is nothing to lift.`);
  }
  const found = inForce.filter((ban) => ban.kind === kind && isMeant(ban, word));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined)
    throw new CommandError(`No ${kind} of ${quoted(word)} is in force. "bans" lists those that are.`);
  const ids = found.map(({ id, scope }) => `${id} (${scopeWords(scope)})`);
  throw new CommandError(`There are several: ${ids.join(', ')}. Write un${kind} and the id of one.`);
}

/** By what it matches as `bans` shows it, or by the nick that the person had. */
export function isMeant({ match, seen }: Ban, word: string): boolean {
  const target = targetOf(match);
  if (target === word || authorKey(target) === authorKey(word)) return true;
  const folded = foldName(word);
  if (match.by === 'mask' || match.by === 'nick')
    return foldName(target) === folded || nickIs(seen?.nick, folded);
  return nickIs(seen?.nick, folded);
}

function nickIs(nick: string | undefined, folded: string): boolean {
  return nick !== undefined && foldName(nick) === folded;
}
