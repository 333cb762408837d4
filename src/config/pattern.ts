/**
 * What a pattern may cost: one place for those of the config and those of people (bans).
 *
 * RE2 (re2js) takes time linear in the text whatever the pattern, but with counted repetitions the factor is large: 32 KB of
 * text cost 2.4 s. So the program that a pattern becomes has a size limit, too.
 */
import { RE2JS } from 're2js';
import { reasonOf } from '../errors.js';

export const MAX_PATTERN_CHARS = 200;
/** Instructions: about one per character, times the count where something is repeated. */
export const MAX_PROGRAM_SIZE = 150;

/** Most patterns are plain words, and there may be thousands; each character is one instruction, and a few are added. */
const LITERAL = /^[\w #-]{0,100}$/;

export interface PatternFault {
  /** `a pattern of at most 200 characters`. */
  readonly expected: string;
  /** How to mend it: a sentence that does not quote the pattern, which may hold a secret. */
  readonly fix: string;
  /** What the parser says of the syntax; it does quote it. */
  readonly reason?: string;
}

/** Null: none. */
export function patternFault(pattern: string, flags = 0): PatternFault | null {
  if (LITERAL.test(pattern)) return null;
  if (pattern.length > MAX_PATTERN_CHARS) return tooLong(pattern.length);
  try {
    const size = RE2JS.compile(pattern, flags).programSize();
    return size <= MAX_PROGRAM_SIZE ? null : tooCostly(size);
  } catch (error) {
    return {
      expected: 'an RE2 pattern',
      reason: reasonOf(error),
      fix: 'RE2 has no look-around and no back-references; https://github.com/google/re2/wiki/Syntax lists what it has.',
    };
  }
}

function tooLong(characters: number): PatternFault {
  return {
    expected: `a pattern of at most ${MAX_PATTERN_CHARS} characters`,
    fix: `It has ${characters} characters: make two of it.`,
  };
}

function tooCostly(steps: number): PatternFault {
  return {
    expected: `a pattern of at most ${MAX_PROGRAM_SIZE} steps`,
    fix: `It takes ${steps} steps, about one per character times the count of a repetition: make it shorter, its {n,m} smaller, or two of it.`,
  };
}
