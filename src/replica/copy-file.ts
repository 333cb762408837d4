/**
 * What is known, on the disk: for a gateway that starts while the backbone is away. It may be old; what the backbone says
 * replaces it.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';

const WRITTEN_AFTER_MS = 1_000;

export interface CopyFileOptions {
  readonly path: string;
  /** `bans`: for the log. */
  readonly what: string;
  /** What is to be written now: JSON. */
  readonly content: () => unknown;
  readonly log: Logger;
}

export class CopyFile {
  readonly #options: CopyFileOptions;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: CopyFileOptions) {
    this.#options = options;
  }

  /** What was written last, unchecked; null: nothing. Never rejects: without a copy one starts with nothing. */
  async load(): Promise<unknown> {
    const { path, what, log } = this.#options;
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      if (!isMissing(error)) {
        log.warn(`the copy of the ${what} cannot be read`, { file: path, reason: reasonOf(error) });
      }
      return null;
    }
  }

  /** The content changed. */
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
    const { path, what, content, log } = this.#options;
    this.#writing = this.#writing.then(async () => {
      try {
        await mkdir(dirname(path), { recursive: true });
        // Accounts, masks and addresses of people: for the owner of the process alone.
        await writeFile(`${path}.new`, JSON.stringify(content()), { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch (error) {
        log.warn(`the copy of the ${what} cannot be written`, { file: path, reason: reasonOf(error) });
      }
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
