/**
 * What is known, on the disk: for a gateway that starts while the backbone is away. It may be old; what the backbone says
 * replaces it.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../../src/errors.js';
import type { Logger } from '../../src/log.js';
import type { BanTable } from './ban-table.js';
import { parseEntry } from './stored.js';

const WRITTEN_AFTER_MS = 1_000;

export class CopyFile {
  readonly #path: string;
  readonly #table: BanTable;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, table: BanTable, log: Logger) {
    this.#path = path;
    this.#table = table;
    this.#log = log;
  }

  /** Never rejects: without a copy one starts with nothing. */
  async load(): Promise<void> {
    try {
      const kept: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      for (const ban of Array.isArray(kept) ? kept : []) {
        const entry = parseEntry({ ban });
        if (entry !== null && 'ban' in entry) this.#table.set(entry.ban);
      }
    } catch (error) {
      if (isMissing(error)) return;
      this.#log.warn('the copy of the bans cannot be read', { file: this.#path, reason: reasonOf(error) });
    }
  }

  /** The table changed. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#write();
    }, WRITTEN_AFTER_MS).unref();
  }

  /** Resolves once the last change is written. */
  async stop(): Promise<void> {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#write();
    }
    await this.#writing;
  }

  #write(): void {
    this.#writing = this.#writing.then(async () => {
      try {
        await mkdir(dirname(this.#path), { recursive: true });
        // Masks and addresses of people: for the owner of the process alone.
        await writeFile(`${this.#path}.new`, JSON.stringify(this.#table.all()), { mode: 0o600 });
        await rename(`${this.#path}.new`, this.#path);
      } catch (error) {
        this.#log.warn('the copy of the bans cannot be written', {
          file: this.#path,
          reason: reasonOf(error),
        });
      }
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
