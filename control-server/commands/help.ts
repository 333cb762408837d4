import type { Answers } from '../answers.js';
import type { Answer, Call, Caller } from '../call.js';
import type { Catalogue, Listed } from '../catalogue.js';
import { type Access, type Command, CommandError } from '../command.js';
import { info } from './info.js';

interface Parts {
  readonly catalogue: Catalogue;
  readonly access: Access;
  readonly answers: Answers;
}

export function helpCommands(parts: Parts): readonly Command[] {
  return [
    {
      info: info({
        name: 'help',
        usage: '[command]',
        help: 'Shows what you can ask, or how one command is used.',
        examples: ['help', 'help seen'],
      }),
      run: (call) => help(parts, call),
    },
    {
      info: info({ name: 'more', help: 'Shows the next page of a long answer.' }),
      run: ({ caller }) => more(parts, caller),
    },
  ];
}

function help({ catalogue, access }: Parts, { args: [word], caller }: Call): Answer {
  if (word !== undefined) return one(catalogue, word.toLowerCase());
  const mine = catalogue.list().filter((listed) => mayUse(access, caller, listed));
  const names = mine.map(({ info: { name } }) => name).join(', ');
  return {
    lines: [`Commands: ${names}.`, '"help <command>" explains one. A unique beginning of a name is enough.'],
  };
}

function mayUse(access: Access, caller: Caller, { info: { hidden, permission } }: Listed): boolean {
  if (hidden) return false;
  if (permission === null) return true;
  const rooms = caller.rooms.length > 0 ? caller.rooms : [null];
  return rooms.some((room) => access.refusal(caller, permission, { network: caller.network, room }) === null);
}

function one(catalogue: Catalogue, word: string): Answer {
  const found = catalogue.find(word);
  if (found.kind === 'several') throw new CommandError(`"${word}" could be ${found.names.join(', ')}.`);
  if (found.kind === 'none')
    throw new CommandError(`I know no command "${word.slice(0, 40)}". Say "help" for all.`);
  const { name, usage, help: text, examples, permission, cooldownMs } = found.listed.info;
  const needs = permission === null ? '' : ` Needs the permission "${permission}".`;
  const pause = cooldownMs === 0 ? '' : ` Once in ${Math.ceil(cooldownMs / 1000)} s.`;
  return {
    lines: [
      `${[name, usage].join(' ').trim()}: ${text}${needs}${pause}`,
      ...examples.map((each) => `  ${each}`),
    ],
  };
}

function more({ answers }: Parts, caller: Caller): Answer {
  const lines = answers.next(caller);
  if (lines === null) throw new CommandError('There is nothing more to show.');
  return { lines, private: true };
}
