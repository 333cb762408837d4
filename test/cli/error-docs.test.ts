import { readFile } from 'node:fs/promises';
import test from 'ava';
import { ERROR_CODES } from '../../src/errors.js';

const page = await readFile('docs/errors.md', 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

test('errors - docs/errors.md explains every code and no other', (t) => {
  t.deepEqual([...sections.keys()], [...ERROR_CODES].sort());
});

test('errors - a store in use stands under the code that is thrown', (t) => {
  t.regex(sections.get('NODE_FAILED') ?? '', /another gateway uses/);
  t.notRegex(sections.get('STORE_UNWRITABLE') ?? '', /another gateway/);
});

for (const code of ERROR_CODES) {
  test(`errors - ${code} is documented with what to do`, (t) => {
    t.regex(sections.get(code) ?? '', /\n\*\*Do:\*\* \S/);
  });
}
