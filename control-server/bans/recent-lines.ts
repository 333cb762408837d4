/** Who said what lately, on the networks of this gateway: what a new ban would have hit, and who a nick is. */

import type { Scope } from '../command.js';
import { foldName } from './fold.js';
import { isInScope, type Matcher } from './matcher.js';
import type { Speaker } from './types.js';

const KEPT_LINES = 400;
/** Enough to judge a pattern by; nobody's letters are kept. */
const KEPT_CHARS = 240;
/** A costly pattern is judged by fewer lines, though not by fewer than these. */
const JUDGING_MS = 250;
const FEWEST_LINES = 50;

export interface RecentLine {
  readonly speaker: Speaker;
  readonly text: string;
}

/** What a ban would have hit. */
export interface Preview {
  readonly lines: number;
  readonly hits: number;
  /** Each once, the latest first. */
  readonly speakers: readonly Speaker[];
}

const MOST_SPEAKERS = 50;

export class RecentLines {
  readonly #lines: RecentLine[] = [];
  #next = 0;

  add(speaker: Speaker, text: string): void {
    this.#lines[this.#next] = { speaker, text: text.length > KEPT_CHARS ? text.slice(0, KEPT_CHARS) : text };
    this.#next = (this.#next + 1) % KEPT_LINES;
  }

  preview(matches: Matcher, scope: Scope): Preview {
    const until = performance.now() + JUDGING_MS;
    const speakers = new Map<string, Speaker>();
    let lines = 0;
    let hits = 0;
    for (const { speaker, text } of this.#latestFirst()) {
      if (!isInScope(scope, speaker)) continue;
      if (lines >= FEWEST_LINES && performance.now() > until) break;
      lines += 1;
      if (!matches(speaker, text)) continue;
      hits += 1;
      if (speakers.size < MOST_SPEAKERS && !speakers.has(speaker.author))
        speakers.set(speaker.author, speaker);
    }
    return { lines, hits, speakers: [...speakers.values()] };
  }

  /** Those who had this name when they spoke last, or have this author id. */
  named(name: string): readonly Speaker[] {
    const folded = foldName(name);
    const found = new Map<string, Speaker>();
    for (const { speaker } of this.#latestFirst()) {
      if (foldName(speaker.name) !== folded && speaker.author !== name) continue;
      if (found.size < MOST_SPEAKERS && !found.has(speaker.author)) found.set(speaker.author, speaker);
    }
    return [...found.values()];
  }

  *#latestFirst(): Iterable<RecentLine> {
    const { length } = this.#lines;
    for (let back = 1; back <= length; back += 1) {
      const line = this.#lines[(this.#next - back + length) % length];
      if (line !== undefined) yield line;
    }
  }
}
