/** The token that the demo's curl line uses: in a file that only its owner reads, so that it is never printed. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from '../bus/index.js';
import type { TokenRecord } from '../http/index.js';

const NAME = 'demo';
const OWNER_ONLY = 0o600;

/** Resolves with the path of the file. Made anew when the file or the token is missing. */
export async function ensureDemoToken(bus: Bus, store: string): Promise<string> {
  const file = join(store, 'demo.token');
  const tokens = await bus.bucket<TokenRecord>('TOKENS');
  if ((await hasText(file)) && (await tokens.get(NAME)) !== null) return file;
  const { createToken } = await import('../http/index.js');
  const { token, record } = createToken(NAME, ['read', 'write', 'status']);
  // The file first: a token whose text nobody has is of no use.
  await rm(file, { force: true });
  await writeFile(file, `${token}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  await tokens.put(NAME, record);
  return file;
}

async function hasText(file: string): Promise<boolean> {
  try {
    return (await readFile(file, 'utf8')).trim() !== '';
  } catch {
    return false;
  }
}
