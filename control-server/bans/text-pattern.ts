/**
 * Patterns for what is said: RE2 (re2js), in any case, found anywhere.
 *
 * Problem: a moderator's pattern runs on strangers' text, for every line of every room. Linear time is not enough: with
 * counted repetitions 32 KB of text can still cost a second, and the automaton that makes it fast megabytes. Idea: the
 * program that a pattern becomes has a size limit, the automaton a memory limit, and all patterns together a budget of
 * time; while that is used up, only the beginning of long texts is looked at. What it cannot do: find what stands behind
 * that beginning meanwhile. With ordinary patterns (words, alternatives) the budget is never touched.
 */
import { RE2JS, RE2Set } from 're2js';
import { patternFault as faultOf } from '../../src/config/index.js';

const AUTOMATON_BYTES = 512 * 1024;

export interface TextPattern {
  test(text: string): boolean;
}

/** What is wrong with the pattern and how to mend it; null: nothing. */
export function patternFault(pattern: string): string | null {
  const fault = faultOf(pattern, RE2JS.CASE_INSENSITIVE);
  if (fault !== null) {
    const reason = fault.reason === undefined ? '' : ` (${fault.reason})`;
    return `I expected ${fault.expected}${reason}. ${fault.fix}`;
  }
  return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE).test('')
    ? 'The pattern matches every line, also an empty one. Ask for something that must be there.'
    : null;
}

/** Of a pattern without fault. */
export function compileText(pattern: string): TextPattern {
  const set = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE, AUTOMATON_BYTES);
  set.add(pattern);
  set.compile();
  return { test: (text) => set.match(text).length > 0 };
}

/** Ms that all patterns may take of each second, and that they may save up. */
const SHARE_MS = 100;
const SAVED_MS = 500;
/** Shorter ones cost next to nothing, whatever the pattern. */
export const SHORT_CHARS = 512;

export class TextBudget {
  readonly #clock: () => number;
  readonly #onSpent: () => void;
  #leftMs = SAVED_MS;
  #filledAt: number;
  #told = false;

  /** `onSpent` is called once for each time that the budget runs out. */
  constructor(onSpent: () => void, clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#onSpent = onSpent;
    this.#filledAt = clock();
  }

  /** What `look` finds in the text, or in its beginning. */
  spend(text: string, look: (text: string) => void): void {
    if (text.length <= SHORT_CHARS) {
      look(text);
      return;
    }
    const begun = this.#clock();
    this.#leftMs = Math.min(SAVED_MS, this.#leftMs + ((begun - this.#filledAt) * SHARE_MS) / 1000);
    this.#filledAt = begun;
    if (this.#leftMs <= 0) {
      if (!this.#told) this.#onSpent();
      this.#told = true;
      look(text.slice(0, SHORT_CHARS));
      return;
    }
    look(text);
    this.#leftMs -= this.#clock() - begun;
    if (this.#leftMs > SAVED_MS / 2) this.#told = false;
  }
}
