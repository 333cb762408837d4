/** `config`: the configuration documents, for who is on IRC. */
import { ParleyError } from '../../src/errors.js';
import { oneLine } from '../../src/message/index.js';
import {
  type Documents,
  type Version,
  type Writer,
  withChannel,
  withoutChannel,
} from '../../src/remote/index.js';
import type { Answer, Call } from '../call.js';
import { type Access, type Command, CommandError } from '../command.js';
import { ago } from '../duration.js';
import { originOf } from '../origin.js';
import { info } from './info.js';

export interface ConfigCommandParts {
  readonly access: Access;
  readonly documents: Pick<
    Documents,
    'list' | 'current' | 'versions' | 'version' | 'write' | 'rollback' | 'diff'
  >;
}

const MOST_VERSIONS = 20;
const MOST_LINES = 60;
const PERMISSION = 'config';
const ANYWHERE = { network: null, room: null };

type Verb = (parts: ConfigCommandParts, call: Call, words: readonly string[]) => Promise<Answer> | Answer;

export function configCommand(parts: ConfigCommandParts): Command {
  return {
    info: info({
      name: 'config',
      usage:
        'list | history <name> | diff <name> [from] [to] | rollback <name> <version> | add <name> <network> <channel> <room> | remove <name> <network> <channel>',
      help: 'Shows and changes the documents that gateways and bots take their channels and bans from.',
      permission: PERMISSION,
      examples: ['config list', 'config add main quakenet #qw quakeworld', 'config rollback main 3'],
    }),
    run: (call) => run(parts, call),
  };
}

async function run(parts: ConfigCommandParts, call: Call): Promise<Answer> {
  const refusal = parts.access.refusal(call.caller, PERMISSION, ANYWHERE);
  if (refusal !== null) throw new CommandError(refusal);
  const [word = 'list', ...words] = call.args;
  const verb = VERBS[word];
  if (verb === undefined)
    throw new CommandError(`"${oneLine(word)}" is none of ${Object.keys(VERBS).join(', ')}.`);
  try {
    return await verb(parts, call, words);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    throw new CommandError(`${error.message.split('\n')[0]}. ${error.fix ?? ''}`.trim());
  }
}

const VERBS: Readonly<Record<string, Verb>> = {
  list: ({ documents }) => {
    const all = documents.list();
    if (all.length === 0) return { lines: ['There are no documents. "parley config put" makes one.'] };
    return { lines: all.map((version) => `${version.name}: ${lineOf(version)}`) };
  },
  history: ({ documents }, _call, [name = '']) => {
    needed(documents.current(name), name);
    return { lines: documents.versions(name).slice(0, MOST_VERSIONS).map(lineOf) };
  },
  diff: ({ documents }, _call, [name = '', from, to]) => {
    const newest = needed(documents.current(name), name).version;
    const after = numberIn(to, newest);
    const before = numberIn(from, after - 1);
    if (before < 1) return { lines: ['It is the first version.'] };
    const [old, young] = [documents.version(name, before), documents.version(name, after)];
    const text = documents.diff(name, old.text, young.text, [`version ${before}`, `version ${after}`]);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('==='));
    return { lines: lines.length === 0 ? ['They are the same.'] : lines.slice(0, MOST_LINES), private: true };
  },
  rollback: async ({ documents }, call, [name = '', version]) => {
    const base = needed(documents.current(name), name).version;
    const made = await documents.rollback(name, numberIn(version, 0), base, writerOf(call));
    return { lines: [`${name} is at version ${made.version} now, with the text of version ${version}.`] };
  },
  add: async ({ documents }, call, [name = '', network, channel, room]) => {
    if (network === undefined || channel === undefined || room === undefined)
      throw new CommandError('Say where: config add <name> <network> <channel> <room>.');
    return edited(documents, call, name, `add ${network} ${channel}`, (text) =>
      withChannel(text, { network, channel, room }),
    );
  },
  remove: async ({ documents }, call, [name = '', network, channel]) => {
    if (network === undefined || channel === undefined)
      throw new CommandError('Say which: config remove <name> <network> <channel>.');
    return edited(documents, call, name, `remove ${network} ${channel}`, (text) =>
      withoutChannel(text, { network, channel }),
    );
  },
};

async function edited(
  documents: ConfigCommandParts['documents'],
  call: Call,
  name: string,
  comment: string,
  edit: (text: string) => string,
): Promise<Answer> {
  const { text, version: base } = needed(documents.current(name), name);
  const made = await documents.write({ name, text: edit(text), comment, by: writerOf(call), base });
  return { lines: [`${name} is at version ${made.version} now. Undo: config rollback ${name} ${base}`] };
}

function lineOf({ version, time, author, comment }: Version): string {
  const why = comment === '' ? '' : `: ${oneLine(comment)}`;
  return `version ${version}, ${ago(time)}, by ${oneLine(author.name)}${why}`;
}

function writerOf({ caller }: Call): Writer {
  return { id: caller.author, name: caller.name, from: originOf(caller) };
}

function needed(version: Version | null, name: string): Version {
  if (version !== null) return version;
  throw new CommandError(
    `There is no document "${oneLine(name)}". "config list" shows those that are there.`,
  );
}

function numberIn(word: string | undefined, otherwise: number): number {
  if (word === undefined) return otherwise;
  if (/^\d{1,9}$/.test(word)) return Number(word);
  throw new CommandError(`"${oneLine(word)}" is no version: write its number.`);
}
