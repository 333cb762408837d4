/**
 * Tells when a config file has a new text.
 *
 * Editors and deployment tools seldom write into the file: they rename a new one over it, or swap a directory that a
 * symbolic link points through. A watch on the file would follow the old one, so its directory is watched; and a slow
 * look at the file itself catches what no watch sees (links into other directories, network file systems).
 * Only a text that differs counts: a `touch`, or a file that is just being replaced, does not.
 */
import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isUrl } from './source.js';

export interface ConfigWatch {
  stop(): void;
}

export interface WatchOptions {
  /** What a relative path is relative to. */
  readonly cwd: string;
  /** The text that was loaded: a file that differs from it already is a change. Default: what the file has now. */
  readonly text?: string;
  /** Quiet time after the last sign of a change, ms. Default 100. */
  readonly settleMs?: number;
  /** Between two looks at the file, ms. Default 2000. */
  readonly pollMs?: number;
}

/** A URL is not watched: nothing tells that it changed. Does not keep the process running. */
export function watchConfig(source: string, onChange: () => void, options: WatchOptions): ConfigWatch {
  if (isUrl(source)) return { stop: () => {} };
  const watcher = new FileWatch(resolve(options.cwd, source), onChange, options);
  watcher.start(options.pollMs ?? 2_000);
  return watcher;
}

class FileWatch implements ConfigWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #settleMs: number;
  #directory: FSWatcher | null = null;
  #poll: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #stamp: string | null = null;
  #digest: string | null = null;
  #stopped = false;
  /** Looks come one after the other. */
  #looking: Promise<void>;

  constructor(path: string, onChange: () => void, { text, settleMs = 100 }: WatchOptions) {
    this.#path = path;
    this.#onChange = onChange;
    this.#settleMs = settleMs;
    if (text !== undefined) this.#digest = digestOf(text);
    this.#looking = this.#look(text !== undefined);
  }

  start(pollMs: number): void {
    this.#watchDirectory();
    this.#poll = setInterval(() => {
      if (this.#directory === null) this.#watchDirectory();
      this.#enqueueLook();
    }, pollMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    this.#directory?.close();
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
  }

  /** The directory may be away for a moment, or be one that cannot be watched: the slow look goes on. */
  #watchDirectory(): void {
    try {
      const directory = watch(dirname(this.#path), { persistent: false }, () => this.#settle());
      directory.on('error', () => {
        directory.close();
        this.#directory = null;
      });
      this.#directory = directory;
    } catch {
      this.#directory = null;
    }
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#enqueueLook(), this.#settleMs).unref();
  }

  #enqueueLook(): void {
    this.#looking = this.#looking.then(() => this.#look(true));
  }

  async #look(tell: boolean): Promise<void> {
    const stamp = await stampOf(this.#path);
    if (stamp === null || stamp === this.#stamp) return;
    const bytes = await readFile(this.#path).catch(() => null);
    if (bytes === null) return;
    const digest = digestOf(bytes);
    this.#stamp = stamp;
    if (digest === this.#digest) return;
    this.#digest = digest;
    if (tell && !this.#stopped) this.#onChange();
  }
}

/** Changes with every replacement of the file; null while it is away. */
async function stampOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return null;
  }
}

function digestOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64');
}
