/** `parley config put | rollback | key` */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { ParleyError, reasonOf } from '../../errors.js';
import type { CommandSpec, Io } from '../command.js';
import { currentOf, showDiff, versionIn, withDocuments, writerOf } from '../documents.js';

interface PutOptions {
  readonly comment?: string;
  readonly base?: string;
}

export const configPutCommand: CommandSpec<PutOptions> = {
  name: 'put <name> <file>',
  summary: 'make a new version of a document, or a new document',
  details: 'A text with faults changes nothing: each is named with its line. `-` reads from stdin.',
  examples: [
    ['config put main main.yaml --comment "the league is over"', 'the file as the next version'],
    ['config put main main.yaml --base 7', 'only if nobody has changed version 7 meanwhile'],
  ],
  options: [
    ['--comment <text>', 'why, for the history'],
    ['--base <version>', 'the version that was changed (default: the current one)'],
  ],
  async run(io, [name = '', file = ''], { comment = '', base, ...options }) {
    const text = await textOf(io, file);
    return withDocuments(io, options, async (documents) => {
      const before = documents.current(name);
      const given = base === undefined ? (before?.version ?? null) : versionIn(base);
      const made = await documents.write({ name, text, comment, by: writerOf(io), base: given });
      const labels = [
        before === null ? 'nothing' : `version ${before.version}`,
        `version ${made.version}`,
      ] as const;
      const diff = documents.diff(name, before?.text ?? '', text, labels);
      if (io.out.json) io.out.document({ version: made.version, diff });
      else {
        if (diff !== '') showDiff(io, diff);
        io.out.note(`${name} is at version ${made.version} now.`);
      }
      return 0;
    });
  },
};

export const configRollbackCommand: CommandSpec<Pick<PutOptions, 'comment'>> = {
  name: 'rollback <name> <version>',
  summary: 'take back the text of an older version',
  details: 'As a new version: nothing of the history is lost.',
  examples: [['config rollback main 3', 'as version 3 had it']],
  options: [['--comment <text>', 'why, for the history']],
  async run(io, [name = '', version = ''], { comment = '', ...options }) {
    return withDocuments(io, options, async (documents) => {
      const base = currentOf(documents, name).version;
      const made = await documents.rollback(name, versionIn(version), base, writerOf(io), comment);
      if (io.out.json) io.out.document({ version: made.version });
      else io.out.note(`${name} is at version ${made.version} now, with the text of version ${version}.`);
      return 0;
    });
  },
};

export const configKeyCommand: CommandSpec = {
  name: 'key <file>',
  summary: 'make a key that signs documents',
  details:
    'The private key goes into the file, for `http.signingKey: "file:…"`; who takes documents writes the public one into `remote`.',
  examples: [['config key config.key', 'prints the public key']],
  async run({ context, out }, [file = '']) {
    const { makeKey } = await import('../../remote/index.js');
    const { pem, publicKey } = makeKey();
    try {
      await writeFile(resolve(context.cwd, file), pem, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw new ParleyError('STORE_UNWRITABLE', `the key cannot be written: ${reasonOf(error)}`, {
        fix: 'Name a file that does not exist yet, in a directory that you may write to.',
      });
    }
    if (out.json) out.document({ file, publicKey });
    else out.line(publicKey);
    return 0;
  },
};

/** Throws CONFIG_UNREADABLE. */
async function textOf({ context }: Io, file: string): Promise<string> {
  try {
    return file === '-' ? await readAll(context.stdin) : await readFile(resolve(context.cwd, file), 'utf8');
  } catch (error) {
    throw new ParleyError('CONFIG_UNREADABLE', `${file} cannot be read: ${reasonOf(error)}`, {
      fix: 'Name a file with the text of the document, or "-" to give it on stdin.',
    });
  }
}
