import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parseDocument } from 'yaml';
import { BRIDGES } from '../../bridges/index.js';
import { loadConfig } from '../../src/config/index.js';
import { files } from '../config/loading.js';

const PAGES = [
  'README.md',
  'docs/irc.md',
  'docs/http.md',
  'docs/operate.md',
  'docs/cluster.md',
  'docs/control.md',
];
const ENV = { LIBERA_PASSWORD: 'one', Q_PASSWORD: 'two' };

/** Blocks, without the indentation that they have in a list. */
function blocksOf(page: string): readonly string[] {
  return [...page.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

for (const name of PAGES) {
  test(`${name} - every piece of config is YAML`, async (t) => {
    const page = await readFile(name, 'utf8');
    const inline = [...page.matchAll(/`([A-Za-z]+: \{[^`]*\})`/g)].map(([, text = '']) => text);
    for (const text of [...blocksOf(page), ...inline]) t.deepEqual(parseDocument(text).errors, [], text);
  });

  test(`${name} - every whole config loads without a warning`, async (t) => {
    const { directory, write } = await files(t);
    const bridges = async (kind: string) => (await BRIDGES[kind]?.())?.default ?? null;
    const whole = blocksOf(await readFile(name, 'utf8')).filter((text) => /^networks:/m.test(text));
    for (const text of whole) {
      const source = await write('parley.yaml', text);
      const { warnings } = await loadConfig({
        source,
        env: ENV,
        bridges,
        kinds: Object.keys(BRIDGES),
        cwd: directory,
      });
      t.deepEqual(warnings, []);
    }
    t.pass();
  });
}
