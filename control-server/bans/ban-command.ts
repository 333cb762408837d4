/** `ban` and `mute`: the same words, and the same guards. */
import type { Answer, Call } from '../call.js';
import { type Access, type Command, CommandError, type Scope } from '../command.js';
import { lengthWords } from '../duration.js';
import { originOf } from '../origin.js';
import { type BanDesk, setWords } from './ban-desk.js';
import { quoted } from './describe.js';
import { parseLength } from './duration.js';
import type { Guard } from './guard.js';
import type { Polls } from './polls.js';
import { type Places, scopeOf } from './scope.js';
import { type Kinds, type Target, targetOfWord } from './target.js';
import type { Kind } from './types.js';
import { hitWords, wideness } from './width.js';

export interface BanCommandOptions {
  readonly desk: BanDesk;
  readonly polls: Polls;
  readonly access: Access;
  readonly guard: Guard;
  readonly places: Places;
  /** More of what was said lately asks for --force. */
  readonly mostPercent: () => number;
}

const USAGE =
  '<who> [--for <duration>] [--room <room> | --network <network> | --everywhere] [--nick | --text | --mask | --ip] [--dry-run] [--force] [reason]';
const MUTE_MS = 3_600_000;

export function banCommand(kind: Kind, options: BanCommandOptions): Command {
  const help =
    kind === 'ban'
      ? 'Keeps somebody out: nothing of theirs is relayed, and networks that allow it ban them too.'
      : `Takes no line and no command of somebody, for ${lengthWords(MUTE_MS)} unless said otherwise.`;
  return {
    info: {
      name: kind,
      usage: USAGE,
      help,
      examples: [
        `${kind} zappater --for 2h flooding`,
        `${kind} *!*@*.example.net --network quakenet --dry-run`,
        `${kind} "cheap (pills|watches)" --text --everywhere`,
      ],
      permission: kind,
      cooldownMs: 0,
      hidden: false,
      privateOnly: false,
    },
    run: (call) => run(kind, call, options),
  };
}

async function run(kind: Kind, call: Call, options: BanCommandOptions): Promise<Answer> {
  const { desk, access, guard, places, polls } = options;
  const { caller, flags } = call;
  const [word, ...reason] = call.args;
  if (word === undefined)
    throw new CommandError(`Say whom: ${kind} <who> [reason]. "help ${kind}" tells more.`);
  const scope = scopeOf(call, places);
  await guard.checkPlace(caller, kind, word, scope);
  const forMs = lengthOf(kind, flags.for);
  const target = await targetOfWord(word, kindOf(call), {
    named: (name) => polls.named(name),
    seen: (author) => polls.seen(author),
    identityOf: (author) => access.identityOf(author),
  });
  await guard.checkPerson(target, kind, caller, scope);
  const note = await checkWidth(target, scope, call, options);
  const ban = await desk.set({
    kind,
    match: target.match,
    scope,
    reason: reason.join(' '),
    by: { author: caller.author, name: caller.name, role: guard.roleOf(caller) },
    from: originOf(caller),
    forMs,
    dryRun: flags['dry-run'] !== undefined,
    forced: flags.force !== undefined,
    seen: target.seen,
  });
  const lines = [setWords(ban), ...note];
  return ban.match.by === 'ip' ? { lines, private: true } : { lines };
}

/** Throws CommandError when it looks as if it hit more than is meant, and nobody said --force. */
async function checkWidth(
  target: Target,
  scope: Scope,
  { caller, flags }: Call,
  { polls, access, mostPercent }: BanCommandOptions,
): Promise<readonly string[]> {
  if (!target.isWide) return [];
  const preview = await polls.preview(target.match, scope);
  if (flags['dry-run'] !== undefined) return [`${hitWords(preview)}.`];
  const width = wideness({ target, scope, preview, caller }, access, mostPercent());
  if (width !== null && flags.force === undefined) {
    throw new CommandError(
      `Not done: ${width}. Add --force to do it, or --dry-run to watch what it would hit.`,
    );
  }
  return preview.hits === 0 ? [] : [`${hitWords(preview)}.`];
}

const KINDS: readonly Kinds[] = ['nick', 'text', 'mask', 'ip'];

function kindOf({ flags }: Call): Kinds | null {
  const given = KINDS.filter((kind) => flags[kind] !== undefined);
  if (given.length > 1)
    throw new CommandError(`Use one of ${given.map((kind) => `--${kind}`).join(' and ')}.`);
  return given[0] ?? null;
}

function lengthOf(kind: Kind, given: string | true | undefined): number | null {
  if (given === undefined) return kind === 'mute' ? MUTE_MS : null;
  if (given === true) throw new CommandError(`${quoted('--for')} needs a duration behind it, such as 2h.`);
  return parseLength(given);
}
