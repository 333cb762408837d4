/** Takes one document from a web server, again and again, and keeps the last good one on the disk. */
import type { RemoteConfig } from '../config/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { CopyFile } from '../replica/index.js';
import { type Document, documentSpec, readDocument } from './document.js';
import { isSigned, SIGNATURE_HEADER } from './signature.js';
import { fromXml } from './xml.js';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
/** Pollers of one server must not all come at once. */
const JITTER = 0.1;
const LONGEST_BACKOFF_MS = 10 * 60_000;

export interface PollerOptions {
  readonly source: RemoteConfig & { readonly url: string };
  readonly log: Logger;
  /** File of the copy; null: none. */
  readonly copy: string | null;
  readonly changed: () => void;
  /** 0 to 1. Default: at random. */
  readonly random?: () => number;
}

export interface RemoteStatus {
  readonly name: string;
  /** Without a query, which may hold a secret; null: the document is this backbone's own. */
  readonly url: string | null;
  /** When it was taken last, or was found to be the same: RFC 3339, UTC. */
  readonly takenAt: string | null;
  /** What is used came from the disk, and was not confirmed since the start. */
  readonly fromDisk: boolean;
  /** Why the last attempt failed. */
  readonly reason: string | null;
}

interface Copied {
  readonly etag: string | null;
  readonly document: unknown;
}

export class Poller {
  readonly #options: PollerOptions;
  readonly #copy: CopyFile | null;
  readonly #ending = new AbortController();
  #document: Document | null = null;
  #etag: string | null = null;
  #takenAt: string | null = null;
  #reason: string | null = null;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    const { copy, log, source } = options;
    const content = () => ({ etag: this.#etag, document: this.#document }) satisfies Copied;
    this.#copy =
      copy === null ? null : new CopyFile({ path: copy, what: `document ${source.name}`, content, log });
  }

  get document(): Document | null {
    return this.#document;
  }

  get status(): RemoteStatus {
    const { name, url } = this.#options.source;
    return {
      name,
      url: shown(url),
      takenAt: this.#takenAt,
      fromDisk: this.#takenAt === null && this.#document !== null,
      reason: this.#reason,
    };
  }

  /** Resolves once the first attempt is over, or the copy is used instead. */
  async start(): Promise<void> {
    const copied = (await this.#copy?.load()) as Partial<Copied> | null | undefined;
    const { data } = documentSpec.safeParse(copied?.document);
    if (data !== undefined) {
      this.#document = data;
      this.#etag = typeof copied?.etag === 'string' ? copied.etag : null;
    }
    await this.#poll();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#ending.abort();
    await this.#copy?.stop();
  }

  async #poll(): Promise<void> {
    const { log, source } = this.#options;
    try {
      await this.#take();
      if (this.#reason !== null) log.info('a document can be taken again', { document: source.name });
      this.#failures = 0;
      this.#reason = null;
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#failures += 1;
      const reason = reasonOf(error);
      if (reason !== this.#reason)
        log.warn('a document cannot be taken; the last good one stays', { document: source.name, reason });
      this.#reason = reason;
    }
    const { random = Math.random } = this.#options;
    const waitMs = Math.min(
      source.intervalMs * 2 ** Math.min(this.#failures, 6),
      Math.max(source.intervalMs, LONGEST_BACKOFF_MS),
    );
    this.#timer = setTimeout(() => void this.#poll(), waitMs * (1 - JITTER * random())).unref();
  }

  async #take(): Promise<void> {
    const { source, changed } = this.#options;
    const answer = await fetch(source.url, {
      headers: {
        accept: 'application/yaml, application/xml;q=0.9',
        ...(source.token === null ? {} : { authorization: `Bearer ${source.token}` }),
        ...(this.#etag === null || this.#document === null ? {} : { 'if-none-match': this.#etag }),
      },
      redirect: 'error',
      signal: AbortSignal.any([this.#ending.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (answer.status === 304) {
      this.#takenAt = new Date().toISOString();
      return;
    }
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`.trim());
    const bytes = await bytesOf(answer);
    if (source.key !== null && !isSigned(bytes, answer.headers.get(SIGNATURE_HEADER), source.key))
      throw new Error('it is not signed with the key that `key` names');
    const document = parsed(bytes.toString('utf8'), answer.headers.get('content-type') ?? '', source.name);
    const isOther = JSON.stringify(document) !== JSON.stringify(this.#document);
    this.#document = document;
    this.#etag = answer.headers.get('etag');
    this.#takenAt = new Date().toISOString();
    this.#copy?.touch();
    if (isOther) changed();
  }
}

/** Without more memory than that, whatever the server sends. */
async function bytesOf({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(text: string, contentType: string, name: string): Document {
  if (/\bxml\b/.test(contentType)) return fromXml(text);
  const { value, faults } = readDocument(text, name);
  if (value !== null) return value;
  const [first] = faults;
  throw new Error(
    first === undefined
      ? 'it is no document'
      : `${first.line}:${first.col} ${first.path}: expected ${first.expected}, got ${first.got}`,
  );
}

/** A query may hold a secret. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
