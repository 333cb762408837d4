/** All documents that this gateway takes, from web servers or from its own backbone. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RemoteConfig } from '../config/index.js';
import type { Logger } from '../log.js';
import { type Document, readDocument } from './document.js';
import type { Documents } from './documents.js';
import { Poller, type RemoteStatus } from './poller.js';

export interface RemotesOptions {
  readonly documents: Pick<Documents, 'current'>;
  readonly log: Logger;
  /** For the copies; null: none are kept. */
  readonly directory: string | null;
  /** Another version of one was taken. */
  readonly changed: () => void;
}

export class Remotes {
  readonly #options: RemotesOptions;
  #sources: readonly RemoteConfig[] = [];
  readonly #pollers = new Map<string, { readonly source: RemoteConfig; readonly poller: Poller }>();

  constructor(options: RemotesOptions) {
    this.#options = options;
  }

  /** Takes those of the config from now on. Resolves once each was asked for once, or its copy was read. */
  async apply(sources: readonly RemoteConfig[]): Promise<void> {
    this.#sources = sources;
    for (const [name, { source, poller }] of this.#pollers) {
      if (sources.some((one) => isDeepStrictEqual(one, source))) continue;
      this.#pollers.delete(name);
      await poller.stop();
    }
    const fresh = sources.filter(({ name, url }) => url !== null && !this.#pollers.has(name));
    await Promise.all(fresh.map((source) => this.#begin(source)));
  }

  async #begin(source: RemoteConfig): Promise<void> {
    const { url } = source;
    if (url === null) return;
    const { directory, log, changed } = this.#options;
    const copy = directory === null ? null : join(directory, `document-${source.name}.json`);
    const poller = new Poller({ source: { ...source, url }, log, copy, changed });
    this.#pollers.set(source.name, { source, poller });
    await poller.start();
  }

  /** Is one of these taken from this backbone? */
  takesOwn(document: string): boolean {
    return this.#sources.some((source) => source.document === document);
  }

  /** In the order of the config; those that are not there (yet) are left out. */
  documents(): readonly (readonly [string, Document])[] {
    return this.#sources.flatMap((source) => {
      const document = this.#documentOf(source);
      return document === null ? [] : [[source.name, document] as const];
    });
  }

  statuses(): readonly RemoteStatus[] {
    return this.#sources.map(
      (source) => this.#pollers.get(source.name)?.poller.status ?? this.#ownStatus(source),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pollers.values()].map(({ poller }) => poller.stop()));
  }

  #documentOf({ name, document }: RemoteConfig): Document | null {
    if (document === null) return this.#pollers.get(name)?.poller.document ?? null;
    const version = this.#options.documents.current(document);
    return version === null ? null : readDocument(version.text, document).value;
  }

  #ownStatus({ name, document }: RemoteConfig): RemoteStatus {
    const version = document === null ? null : this.#options.documents.current(document);
    return {
      name,
      url: null,
      takenAt: version?.time ?? null,
      fromDisk: false,
      reason: version === null ? `there is no document ${document} yet` : null,
    };
  }
}
