/**
 * The versions of all documents, as everybody folds them.
 *
 * Problem: two people change a document at the same moment, and a compare-and-swap on a replicated bucket of nats-server
 * 2.9 lets both win. Idea: each writes its version under a key of its own, and everybody reads the bucket in the order of
 * its stream: the first that is the next version counts, any other is passed over. A writer knows what became of its
 * version once it has read it itself. Why it is safe: all read the same order. What it cannot do: tell a writer at once
 * while the backbone is away.
 */
import type { Version } from './version.js';

/** Older ones fall out. */
export const KEPT = 100;

export class DocumentHistory {
  /** By document, the oldest first; with the keys under which they are kept. */
  readonly #versions = new Map<string, { readonly key: string; readonly version: Version }[]>();

  /** False: another version came before it. */
  add(key: string, version: Version): boolean {
    const kept = this.#versions.get(version.name) ?? [];
    const current = kept.at(-1)?.version.version ?? null;
    if (kept.some((one) => one.key === key)) return true;
    // What is read first after a start may be any: those before it fell out.
    if (current !== null && version.version !== current + 1) return false;
    kept.push({ key, version });
    this.#versions.set(version.name, kept);
    return true;
  }

  remove(key: string): void {
    for (const [name, kept] of this.#versions) {
      const left = kept.filter((one) => one.key !== key);
      if (left.length === 0) this.#versions.delete(name);
      else if (left.length < kept.length) this.#versions.set(name, left);
    }
  }

  /** Current ones, by name. */
  current(): readonly Version[] {
    const all = [...this.#versions.values()].flatMap((kept) => kept.at(-1)?.version ?? []);
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The newest first. */
  of(name: string): readonly Version[] {
    return (this.#versions.get(name) ?? []).map(({ version }) => version).reverse();
  }

  /** Keys of those that are to fall out. */
  surplus(name: string): readonly string[] {
    const kept = this.#versions.get(name) ?? [];
    return kept.slice(0, Math.max(0, kept.length - KEPT)).map(({ key }) => key);
  }
}
