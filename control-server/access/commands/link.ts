import type { Answer, Call } from '../../call.js';
import { type Command, CommandError } from '../../command.js';
import type { Linking } from '../linking.js';
import type { Networks } from '../subject.js';
import { accountNamed, lookalikeWarning, shown } from '../subject.js';
import { infoOf } from './info.js';

interface Parts {
  readonly linking: Linking;
  readonly networks: () => Networks;
}

/** Not `privateOnly`: it must hear of a code that was said in a channel. */
export function linkCommand(parts: Parts): Command {
  return {
    info: infoOf({
      name: 'link',
      usage: '[code] | confirm [account@network]',
      help: 'Makes two of your accounts one person, with the rights of both. Say it to the bot alone.',
      examples: ['link', 'link 7XK2-9QFM-3TBV', 'link confirm zappater@quakenet'],
    }),
    run: (call) => run(parts, call),
  };
}

function run(parts: Parts, call: Call): Promise<Answer> {
  const [word, who] = call.args;
  if (word === 'confirm') return confirm(parts, call, who);
  if (word !== undefined) return answer(parts, call);
  return ask(parts, call);
}

async function ask({ linking }: Parts, { caller }: Call): Promise<Answer> {
  refusePublic(caller.channel);
  const code = await linking.ask(caller);
  return secret(
    `Say "link ${code}" to the bot from your other account within 5 minutes, yourself: never give the code to anybody.`,
    'Then both accounts confirm; "link confirm" here tells when it is this one’s turn.',
  );
}

async function answer({ linking }: Parts, { caller, args }: Call): Promise<Answer> {
  const author = await linking.answer(caller, args.join(''));
  const asker = shown(author);
  return secret(
    `${asker} asked for that code. Linked, ${asker} may do everything that you may, in your name.`,
    `Did somebody tell you to say it? Then stop here: nothing is linked. Only if ${asker} is yourself, say "link confirm ${asker}".`,
    ...warningOf(author),
  );
}

async function confirm(
  { linking, networks }: Parts,
  { caller }: Call,
  who: string | undefined,
): Promise<Answer> {
  refusePublic(caller.channel);
  if (who === undefined) return { lines: pendingLines(linking.pending(caller)), private: true };
  const other = accountNamed(who, networks());
  const isDone = await linking.confirm(caller, other);
  const self = shown(caller.author);
  return isDone
    ? secret(`${self} and ${shown(other)} are one person now. "whoami" shows it, "unlink" undoes it.`)
    : secret(`Now say "link confirm ${self}" from ${shown(other)}.`);
}

function pendingLines(pending: ReturnType<Linking['pending']>): readonly string[] {
  if (pending.length === 0) return ['Nobody said a code of yours. Say "link" to begin.'];
  return pending.flatMap(({ other, confirmed }) => {
    const name = shown(other);
    const line = confirmed
      ? `${name} wants to be one person with you, with all your rights. Only if that is yourself, say "link confirm ${name}".`
      : `${name} is to be linked with you, and one of you did not confirm yet.`;
    return [line, ...warningOf(other)];
  });
}

function warningOf(other: string): readonly string[] {
  const warning = lookalikeWarning(other);
  return warning === null ? [] : [warning];
}

function refusePublic(channel: string | null): void {
  if (channel !== null) throw new CommandError('Say that to me alone, never in a channel.');
}

function secret(...lines: readonly string[]): Answer {
  return { lines, private: true };
}
