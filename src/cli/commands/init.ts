import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { InitAnswers } from '../../config/index.js';
import { ParleyError, reasonOf } from '../../errors.js';
import type { CommandSpec, Io } from '../command.js';
import { askAnswers, networkFromFlag } from '../init-answers.js';
import { openQuestions } from '../questions.js';

interface InitOptions {
  readonly yes?: boolean;
  readonly room?: string;
  readonly nick?: string;
  readonly network?: readonly string[];
  readonly http: boolean;
}

const DEFAULT_FILE = 'parley.yaml';

export const initCommand: CommandSpec<InitOptions> = {
  name: 'init',
  summary: 'ask a few questions and write a config',
  details: `Writes ${DEFAULT_FILE}, or the file that --config names; never over a file that is there.`,
  examples: [
    ['init', 'asks'],
    [
      'init --yes --room chat --network "a=ircs://irc.libera.chat/#mine" --network "b=irc://irc.quakenet.org/#mine"',
      'does not ask',
    ],
  ],
  options: [
    ['-y, --yes', 'ask nothing: take the flags and the defaults'],
    ['--network <name=url...>', 'a network and its channel: name=ircs://host:port/#channel'],
    ['--room <name>', 'room that joins the channels'],
    ['--nick <nick>', 'nick on IRC'],
    ['--no-http', 'without the HTTP API'],
  ],
  async run(io, _args, options) {
    const file = options.config ?? DEFAULT_FILE;
    const path = resolve(io.context.cwd, file);
    if (existsSync(path)) throw isThere(file);
    const { initConfig } = await import('../../config/index.js');
    const text = initConfig(await answersOf(io, options));
    await writeNew(path, file, text);
    const flag = file === DEFAULT_FILE ? '' : ` -c ${file}`;
    if (io.out.json) io.out.document({ file });
    else io.out.note(`Wrote ${file}. Next: \`npx parley check${flag}\`, then \`npx parley start${flag}\`.`);
    return 0;
  },
};

async function answersOf({ context }: Io, options: InitOptions): Promise<InitAnswers> {
  const nick = options.nick ?? 'parley';
  const given = {
    room: options.room ?? 'lobby',
    networks: (options.network ?? []).map((text) => networkFromFlag(text, nick)),
    ...(options.http ? {} : { httpListen: null }),
  };
  if (options.yes === true) return complete(given);
  if (!context.interactive) throw cannotAsk();
  const questions = openQuestions(context);
  try {
    return await askAnswers(questions, given, nick);
  } finally {
    questions.close();
  }
}

function complete(answers: InitAnswers): InitAnswers {
  if (answers.networks.length > 0) return answers;
  throw new ParleyError('USAGE', 'With --yes at least one --network is needed.', {
    fix: 'For example `--network "libera=ircs://irc.libera.chat:6697/#quakeworld"`.',
  });
}

function cannotAsk(): ParleyError {
  return new ParleyError('USAGE', 'There is no terminal to ask questions on.', {
    fix: 'Give the answers as flags with --yes; see `parley init --help`.',
  });
}

/** `wx`: a file that appeared while the questions were answered is not overwritten either. */
async function writeNew(path: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(file);
    throw new ParleyError('STORE_UNWRITABLE', `Cannot write ${file}: ${reasonOf(cause)}.`, {
      fix: 'Name another file with `--config <file>`.',
      cause,
    });
  }
}

function isThere(file: string): ParleyError {
  return new ParleyError('USAGE', `${file} is there already: nothing was written.`, {
    fix: 'Name another file with `--config <file>`, or move the old one away.',
  });
}
