/** The configuration documents of this backbone: read from memory, written with a version. */
import { createTwoFilesPatch } from 'diff';
import type { Bus } from '../bus/index.js';
import { type Fault, formatFault } from '../config/index.js';
import { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import { cutBytes, newId, oneLine } from '../message/index.js';
import { FollowedBucket } from '../replica/index.js';
import { DOCUMENT_NAME, DOCUMENT_NAME_WORDS, MAX_TEXT_BYTES, readDocument } from './document.js';
import { DocumentHistory } from './history.js';
import { keyOf, readVersion, type Version } from './version.js';

const MOST_DOCUMENTS = 100;
const MAX_COMMENT_BYTES = 200;

export interface DocumentsOptions {
  readonly bus: Pick<Bus, 'bucket' | 'audit'>;
  readonly log: Logger;
  /** A document has another version, or is gone. */
  readonly changed?: (name: string) => void;
  readonly now?: () => number;
}

export interface Writer {
  readonly id: string;
  readonly name: string;
  /** `http`, `irc:quakenet`: for the audit. */
  readonly from: string;
}

export interface Writing {
  readonly name: string;
  readonly text: string;
  readonly comment: string;
  readonly by: Writer;
  /** The version that was changed; null: there was none. */
  readonly base: number | null;
  /** `change`, or `rollback`: for the audit. */
  readonly action?: 'change' | 'rollback';
}

/** A text that is no document. `faults` name every place. */
export class DocumentInvalid extends ParleyError {
  readonly faults: readonly Fault[];

  constructor(name: string, faults: readonly Fault[]) {
    super('CONFIG_INVALID', faults.map(formatFault).join('\n') || `${name} is no document`, {
      fix: 'Correct what is named, then send it again.',
    });
    this.faults = faults;
  }
}

export class Documents {
  readonly #options: DocumentsOptions;
  readonly #history = new DocumentHistory();
  readonly #bucket: FollowedBucket;
  /** Keys that were written here, and whether they counted. */
  readonly #written = new Map<string, boolean>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
    const { bus, log } = options;
    this.#bucket = new FollowedBucket({
      bus,
      name: 'CONFIGS',
      heard: (key, value) => this.#heard(key, value),
      log,
      ordered: true,
    });
  }

  /** Resolves once all are known, or the backbone turned out to be away: then they come when it is back. */
  async start(): Promise<void> {
    if (!(await this.#bucket.tryOpen())) void this.#bucket.open();
  }

  stop(): Promise<void> {
    return this.#bucket.stop();
  }

  /** The current version of each, by name. */
  list(): readonly Version[] {
    return this.#history.current();
  }

  current(name: string): Version | null {
    return this.#history.of(name)[0] ?? null;
  }

  /** The newest first. */
  versions(name: string): readonly Version[] {
    return this.#history.of(name);
  }

  /** Throws NOT_FOUND. */
  version(name: string, number: number): Version {
    const found = this.#history.of(name).find(({ version }) => version === number);
    if (found !== undefined) return found;
    throw new ParleyError('NOT_FOUND', `there is no version ${number} of the document ${name}`, {
      fix: `"parley config history ${name}" lists those that are kept.`,
    });
  }

  /**
   * A new version. Resolves once it counts everywhere; on record by then. Throws DocumentInvalid, CONFIG_CHANGED when
   * another one came before it, USAGE, BACKBONE_UNAVAILABLE.
   */
  async write(writing: Writing): Promise<Version> {
    const version = this.#checked(writing);
    const key = keyOf(version, newId());
    this.#written.set(key, false);
    try {
      await this.#bucket.put(key, version);
      if (this.#written.get(key) !== true) {
        await this.#bucket.delete(key);
        throw changedMeanwhile(writing.name);
      }
    } finally {
      this.#written.delete(key);
    }
    await this.#record(writing, version);
    for (const old of this.#history.surplus(writing.name)) await this.#bucket.delete(old);
    return version;
  }

  /** An older text as a new version. Throws as `write` and `version`. */
  async rollback(name: string, to: number, base: number | null, by: Writer, comment = ''): Promise<Version> {
    const { text } = this.version(name, to);
    const said = comment === '' ? `back to version ${to}` : comment;
    return this.write({ name, text, comment: said, by, base, action: 'rollback' });
  }

  /** Unified; empty where nothing differs. */
  diff(name: string, from: string, to: string, labels: readonly [string, string]): string {
    if (from === to) return '';
    return createTwoFilesPatch(`${name} ${labels[0]}`, `${name} ${labels[1]}`, from, to, '', '', {
      context: 3,
    });
  }

  #checked({ name, text, comment, by, base }: Writing): Version {
    if (!DOCUMENT_NAME.test(name)) {
      throw new ParleyError('USAGE', `${JSON.stringify(name)} is no name of a document`, {
        fix: `Use ${DOCUMENT_NAME_WORDS}.`,
      });
    }
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
      throw new ParleyError('USAGE', `the text is larger than ${MAX_TEXT_BYTES / 1024} KB`, {
        fix: 'Split it into several documents: a gateway may take more than one.',
      });
    }
    const { value, faults } = readDocument(text, name);
    if (value === null) throw new DocumentInvalid(name, faults);
    const current = this.current(name)?.version ?? null;
    if (current !== base) throw changedMeanwhile(name);
    if (current === null && this.list().length >= MOST_DOCUMENTS) {
      throw new ParleyError('USAGE', `there are ${MOST_DOCUMENTS} documents`, {
        fix: 'Use one that is there.',
      });
    }
    const now = this.#options.now ?? Date.now;
    return {
      name,
      version: (current ?? 0) + 1,
      time: new Date(now()).toISOString(),
      author: { id: by.id, name: cutBytes(oneLine(by.name), MAX_COMMENT_BYTES, '…') },
      comment: cutBytes(oneLine(comment).trim(), MAX_COMMENT_BYTES, '…'),
      text,
    };
  }

  #record({ by, action = 'change' }: Writing, { name, version, comment, time }: Version): Promise<void> {
    return this.#options.bus.audit.put({
      time,
      actor: by.id,
      name: by.name,
      from: by.from,
      action: `config ${action}`,
      target: name,
      scope: { network: null, room: null },
      detail: { version, comment },
      outcome: 'done',
    });
  }

  #heard(key: string, value: unknown): void {
    const version = readVersion(key, value);
    const [name = ''] = key.split(' ', 1);
    if (version === null) this.#history.remove(key);
    else {
      const counts = this.#history.add(key, version);
      if (this.#written.has(key)) this.#written.set(key, counts);
      if (!counts) return;
    }
    this.#options.changed?.(name);
  }
}

function changedMeanwhile(name: string): ParleyError {
  return new ParleyError('CONFIG_CHANGED', `the document ${name} has another version by now`, {
    fix: 'Read it again, make your change there, and send it with that version.',
  });
}
