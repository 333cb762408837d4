import { execFileSync } from 'node:child_process';
import test from 'ava';
import { type CompletionTree, SHELLS, scriptFor } from '../../src/cli/completion/index.js';

const option = (long: string) => ({ long, short: null, description: `it's ${long}: so`, takesValue: false });
const command = (name: string, more: Partial<CompletionTree> = {}): CompletionTree => ({
  name,
  summary: `does ${name}`,
  argument: null,
  options: [option('--json')],
  commands: [],
  ...more,
});
const TREE = command('parley', {
  options: [option('--version')],
  commands: [
    command('status'),
    command('tail', { argument: 'room', options: [option('--lines')] }),
    command('dead', { options: [], commands: [command('list'), command('drop')] }),
  ],
});

/** What bash offers for the words typed so far, the last of them unfinished. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `parley() { printf 'lobby\\tx\\nops\\ty\\n'; }
${scriptFor('bash', TREE)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _parley
echo "\${COMPREPLY[@]}"`;
  const answer = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).trim();
  return answer === '' ? [] : answer.split(' ');
}

test('completion - bash offers commands', (t) => {
  t.deepEqual(offered('parley', ''), ['status', 'tail', 'dead', '--version']);
  t.deepEqual(offered('parley', 'st'), ['status']);
});

test('completion - bash offers the commands of a group', (t) => {
  t.deepEqual(offered('parley', 'dead', ''), ['list', 'drop']);
});

test('completion - bash offers flags of the command on the line', (t) => {
  t.deepEqual(offered('parley', 'dead', 'list', '--'), ['--json']);
});

test('completion - bash offers rooms', (t) => {
  t.deepEqual(offered('parley', 'tail', 'lo'), ['lobby']);
});

test('completion - a word that is an argument does not change the command', (t) => {
  t.deepEqual(offered('parley', 'tail', 'status', '--'), ['--lines']);
});

test('completion - every shell has every command and flag', (t) => {
  for (const shell of SHELLS) {
    const script = scriptFor(shell, TREE) ?? '';
    for (const word of ['status', 'tail', 'dead', 'list', 'drop', 'json', 'lines'])
      t.true(script.includes(word));
  }
});

test('completion - no script for an unknown shell', (t) => {
  t.is(scriptFor('tcsh', TREE), null);
});
