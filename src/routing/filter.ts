/**
 * The filters of a channel, for what comes in. Patterns come from operators, text from strangers: RE2 syntax (re2js)
 * takes time linear in the text whatever the pattern, so no line can hold up the process.
 */
import { RE2JS } from 're2js';
import type { FilterConfig } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import { cutBytes, type EventData, MAX_TEXT_BYTES } from '../message/index.js';
import type { DropReason } from './types.js';

/** The data to go on with, or why to drop it. */
export type Filter = (data: EventData) => EventData | DropReason;

interface Replacement {
  readonly pattern: RE2JS;
  readonly with: string;
}

/**
 * Null when there is nothing to filter. Nicks match as a whole and in any case; text patterns match anywhere in the
 * core's text, where formatting is markdown. `$1` in a replacement is the first group.
 * @throws ParleyError CONFIG_INVALID for a pattern that the config loader would have refused
 */
export function compileFilter(config: FilterConfig, patterns: Patterns = new Patterns()): Filter | null {
  if (config.ignoreNicks.length + config.ignoreText.length + config.replace.length === 0) return null;
  const nicks = config.ignoreNicks.map((pattern) => patterns.compile(pattern, RE2JS.CASE_INSENSITIVE));
  const texts = config.ignoreText.map((pattern) => patterns.compile(pattern, 0));
  const replacements = config.replace.map((entry) => ({
    ...entry,
    pattern: patterns.compile(entry.pattern, 0),
  }));
  return (data) => {
    if (nicks.some((nick) => nick.testExact(data.author.name))) return 'ignored-nick';
    if (data.text === '') return data;
    if (texts.some((text) => text.test(data.text))) return 'ignored-text';
    return replacements.length === 0 ? data : replaced(data, replacements);
  };
}

/** Cut back to the size limit after every step, so that replacements cannot make the text grow without end. */
function replaced(data: EventData, replacements: readonly Replacement[]): EventData | DropReason {
  let text = data.text;
  for (const { pattern, with: by } of replacements) {
    if (pattern.test(text)) text = cutBytes(pattern.matcher(text).replaceAll(by), MAX_TEXT_BYTES, '…');
  }
  if (text.trim() === '' && data.attachments.length === 0) return 'empty';
  return text === data.text ? data : { ...data, text };
}

/** Compiled patterns: a thousand rooms mostly share a handful. */
export class Patterns {
  readonly #compiled = new Map<string, RE2JS>();

  compile(pattern: string, flags: number): RE2JS {
    const key = `${flags} ${pattern}`;
    const compiled = this.#compiled.get(key) ?? compile(pattern, flags);
    this.#compiled.set(key, compiled);
    return compiled;
  }
}

function compile(pattern: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch (cause) {
    throw new ParleyError('CONFIG_INVALID', `filter pattern "${pattern}": ${reasonOf(cause)}`, {
      cause,
      fix: 'Write the pattern in RE2 syntax: no look-around, no back-references.',
    });
  }
}
