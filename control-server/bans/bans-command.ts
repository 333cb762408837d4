/** `bans`: those in force, all of the last months, or everything about one. */
import type { Answer, Call } from '../call.js';
import { type Access, type Command, CommandError } from '../command.js';
import type { BanTable } from './ban-table.js';
import { banLine, banLines, quoted } from './describe.js';
import type { HitCounters } from './hits.js';
import type { Polls } from './polls.js';
import type { Ban } from './types.js';
import { isMeant } from './unban-command.js';

export interface BansCommandOptions {
  readonly table: BanTable;
  readonly hits: HitCounters;
  readonly polls: Polls;
  readonly access: Access;
  readonly clock: () => number;
}

export function bansCommand(options: BansCommandOptions): Command {
  return {
    info: {
      name: 'bans',
      usage: '[--all] [id or who]',
      help: 'Lists bans and mutes: those in force, with --all those of the last 90 days, or one in full.',
      examples: ['bans', 'bans --all zappater', 'bans b3k7xq'],
      permission: 'mute',
      cooldownMs: 0,
      hidden: false,
      privateOnly: false,
    },
    run: (call) => run(call, options),
  };
}

async function run({ args, flags, caller }: Call, options: BansCommandOptions): Promise<Answer> {
  const { table, hits, polls, access, clock } = options;
  const [word] = args;
  const visible = (ban: Ban) => access.refusal(caller, 'mute', ban.scope) === null;
  const one = word === undefined ? null : table.get(word.toLowerCase());
  if (one !== null && visible(one)) {
    return shown([one], banLines(one, table.effectsOf(one.id), await polls.hits(one.id), clock()));
  }
  const listed = (flags.all === undefined ? table.inForce() : table.all())
    .filter(visible)
    .filter((ban) => word === undefined || isMeant(ban, word))
    .reverse();
  if (listed.length > 0)
    return shown(
      listed,
      listed.map((ban) => banLine(ban, hits.of(ban.id), clock())),
    );
  if (word === undefined)
    return { lines: [flags.all === undefined ? 'No bans or mutes are in force.' : 'There are none.'] };
  throw new CommandError(
    `No ban of ${quoted(word)}${flags.all === undefined ? ' is in force. "bans --all" lists older ones' : '. Look at "bans --all"'}.`,
  );
}

/** Where somebody lives is not for everybody to read. */
function shown(bans: readonly Ban[], lines: readonly string[]): Answer {
  return bans.some(({ match }) => match.by === 'ip' || match.by === 'mask')
    ? { lines, private: true }
    : { lines };
}
