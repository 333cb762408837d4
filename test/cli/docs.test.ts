import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { Command } from 'commander';
import { EXIT } from '../../src/cli/exit.js';
import { createProgram } from '../../src/cli/index.js';
import { fakeContext } from './fake-context.js';

const page = await readFile('docs/cli.md', 'utf8');
const program = createProgram({ context: fakeContext(), finished: () => {} });
const COMMON = new Set(['--config', '--json', '--debug']);

/** The section of a command: from its heading to the next. */
function sectionOf(path: string): string {
  const [, section = ''] = page.split(new RegExp(`^## parley ${path}(?= |$).*$`, 'm'));
  return section.split(/^## /m)[0] ?? '';
}

function leavesOf(
  command: Command,
  path: readonly string[] = [],
): readonly { path: string; command: Command }[] {
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

for (const { path, command } of leavesOf(program)) {
  test(`docs/cli.md - has parley ${path} with its arguments and flags`, (t) => {
    const section = sectionOf(path);
    t.not(section, '');
    for (const argument of command.registeredArguments) t.true(page.includes(argument.name()));
    for (const { long } of command.options) {
      if (long !== null && long !== undefined && !COMMON.has(long)) t.true(section.includes(long), long);
    }
  });
}

test('docs/cli.md - has no command that does not exist', (t) => {
  const known = new Set(leavesOf(program).map(({ path }) => path));
  const named = [...page.matchAll(/^## parley ([a-z]+(?: [a-z]+)?)/gm)].map(([, path = '']) => path);
  t.deepEqual(
    named.filter((path) => !known.has(path)),
    [],
  );
});

test('docs/cli.md - explains the common flags', (t) => {
  for (const flag of COMMON) t.true(page.includes(`\`${flag}`) || page.includes(`, ${flag}`), flag);
});

test('docs/cli.md - explains every exit code', (t) => {
  const [, section = ''] = page.split('## Exit codes');
  for (const code of Object.values(EXIT)) t.regex(section, new RegExp(`^\\| ${code} \\|`, 'm'));
});
