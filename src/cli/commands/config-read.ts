/** `parley config list | show | history | diff` */
import type { Version } from '../../remote/index.js';
import type { CommandSpec } from '../command.js';
import { currentOf, showDiff, versionIn, withDocuments } from '../documents.js';

export const configListCommand: CommandSpec = {
  name: 'list',
  isDefault: true,
  summary: 'list the configuration documents',
  details:
    'Channels and bans that gateways and bots take from this backbone: docs/control.md, "Remote config".',
  examples: [['config list', 'name, version, author of each']],
  async run(io, _args, options) {
    return withDocuments(io, options, async (documents) => {
      const all = documents.list();
      if (io.out.json) io.out.document({ configs: all.map(headOf) });
      else if (all.length === 0) io.out.note('No documents. "parley config put <name> <file>" makes one.');
      else
        io.out.table(
          ['NAME', ...HEADS],
          all.map((version) => [version.name, ...rowOf(version)]),
        );
      return 0;
    });
  },
};

interface ShowOptions {
  readonly at?: string;
}

export const configShowCommand: CommandSpec<ShowOptions> = {
  name: 'show <name>',
  summary: 'show the text of a document',
  examples: [
    ['config show main > main.yaml', 'to change it, and put it back'],
    ['config show main --at 3', 'as it was'],
  ],
  options: [['--at <version>', 'an older one']],
  async run(io, [name = ''], options) {
    return withDocuments(io, options, async (documents) => {
      const current = currentOf(documents, name);
      const { at } = options;
      const found = at === undefined ? current : documents.version(name, versionIn(at));
      if (io.out.json) io.out.document(found);
      else io.out.line(found.text.replace(/\n$/, ''));
      return 0;
    });
  },
};

export const configHistoryCommand: CommandSpec = {
  name: 'history <name>',
  summary: 'list the versions of a document',
  details: 'The newest first. The latest 100 are kept.',
  examples: [['config history main', 'who changed it when, and why']],
  async run(io, [name = ''], options) {
    return withDocuments(io, options, async (documents) => {
      currentOf(documents, name);
      const versions = documents.versions(name);
      if (io.out.json) io.out.document({ versions: versions.map(headOf) });
      else io.out.table(HEADS, versions.map(rowOf));
      return 0;
    });
  },
};

export const configDiffCommand: CommandSpec = {
  name: 'diff <name> [from] [to]',
  summary: 'show what two versions of a document differ in',
  details: 'Without versions, what the latest one changed.',
  examples: [
    ['config diff main', 'the latest change'],
    ['config diff main 3 7', 'from one version to another'],
  ],
  async run(io, [name = '', from, to], options) {
    return withDocuments(io, options, async (documents) => {
      const latest = currentOf(documents, name).version;
      const after = to === undefined ? latest : versionIn(to);
      const before = from === undefined ? after - 1 : versionIn(from);
      const old = before < 1 ? '' : documents.version(name, before).text;
      const labels = [before < 1 ? 'nothing' : `version ${before}`, `version ${after}`] as const;
      const diff = documents.diff(name, old, documents.version(name, after).text, labels);
      if (io.out.json) io.out.document({ diff });
      else if (diff === '') io.out.note('They are the same.');
      else showDiff(io, diff);
      return 0;
    });
  },
};

const HEADS = ['VERSION', 'TIME', 'AUTHOR', 'COMMENT'];

function rowOf({ version, time, author, comment }: Version): readonly (string | number)[] {
  return [version, time, author.name, comment];
}

function headOf({ name, version, time, author, comment }: Version) {
  return { name, version, time, author, comment };
}
