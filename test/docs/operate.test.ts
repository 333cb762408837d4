import { readdir, readFile } from 'node:fs/promises';
import test from 'ava';
import { Counters } from '../../src/network/counters.js';

const page = await readFile('docs/operate.md', 'utf8');

/** The text of every test file: titles are literals there. */
async function testSources(): Promise<string> {
  const files = await readdir('test', { recursive: true });
  const sources = files.filter((file) => file.endsWith('.test.ts') && !file.startsWith('docs'));
  return (await Promise.all(sources.map((file) => readFile(`test/${file}`, 'utf8')))).join('\n');
}

test('docs/operate.md - each failure names tests that exist', async (t) => {
  const [, section = ''] = page.split('## What survives what');
  const rows = section
    .split('\n')
    .filter((line) => /^\| (?!failure|-)/.test(line) && line.split('|').length === 5);
  const sources = await testSources();
  t.true(rows.length >= 10);
  for (const row of rows) {
    const titles = [...(row.split('|')[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, title = '']) => title);
    t.true(titles.length > 0, row);
    for (const title of titles) t.true(sources.includes(`'${title}'`), title);
  }
});

test('docs/operate.md - explains every counter', (t) => {
  const [, section = ''] = page.split('## What is counted');
  for (const name of Object.keys(new Counters().snapshot())) t.true(section.includes(`\`${name}\``), name);
});
