/** How another process of this user (the CLI) finds the node of a store. */
import { readFileSync } from 'node:fs';
import type { BusAddress } from '../bus/index.js';
import { writePrivately } from './private-file.js';
import { isAlive } from './processes.js';
import { type Credentials, filesOf } from './store.js';

export async function writeNodeAddress(
  file: string,
  url: string,
  credentials: Credentials,
  pid: number,
): Promise<void> {
  await writePrivately(file, `${JSON.stringify({ url, ...credentials, pid })}\n`);
}

/** The address of the running node that keeps its data in `store`, or null when none runs (or it is not ours to read). */
export function readNodeAddress(store: string): BusAddress | null {
  try {
    const value: unknown = JSON.parse(readFileSync(filesOf(store).address, 'utf8'));
    return isAddress(value) && isAlive(value.pid)
      ? { servers: [value.url], user: value.user, password: value.password }
      : null;
  } catch {
    return null;
  }
}

interface AddressFile extends Credentials {
  readonly url: string;
  readonly pid: number;
}

function isAddress(value: unknown): value is AddressFile {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    ['url', 'user', 'password'].every((name) => typeof fields.get(name) === 'string') &&
    isPid(fields.get('pid'))
  );
}

function isPid(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
