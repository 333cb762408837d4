// Writes what is made from the config fields: config/parley.schema.json and docs/config.md. Needs a build.
// `node scripts/generate.mjs --check` writes nothing and fails when one of them is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { BRIDGES } from '../dist/bridges/index.js';
import { generatedFiles } from '../dist/src/config/index.js';

const check = process.argv.includes('--check');
const bridges = await Promise.all(Object.values(BRIDGES).map(async (load) => (await load()).default));
for (const { path, text } of generatedFiles(bridges)) {
  const file = new URL(`../${path}`, import.meta.url);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) continue;
  if (check) {
    console.error(`${path} is stale. Run: npm run build && node scripts/generate.mjs`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`wrote ${path}`);
  }
}
