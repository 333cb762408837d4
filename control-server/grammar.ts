/**
 * From a line to a call: is it one, which words, which flags. Pure; the same for every network.
 *
 * A line is a call when it begins with a prefix of the room and a letter (`!help`, not `!!` or `! help`), with the name of
 * our bot (`parley: help`, `@parley help`), or with a whole word that is a command by itself (`.qw` of a broadcast list).
 */
import { CommandError } from './command.js';

export interface Marks {
  readonly prefixes: readonly string[];
  /** Our bot's name there. */
  readonly self: string | null;
  /** The command that a whole word is, its own prefix with it; null: none. */
  readonly wordOf: (word: string) => string | null;
}

export interface Called {
  /** As typed, in lower case. */
  readonly word: string;
  /** Everything behind it. */
  readonly text: string;
  /** By our name: then it was meant for us, whatever it says. */
  readonly byName: boolean;
}

const LONGEST_WORD = 32;

/** Null: the line is no call. */
export function calledIn(line: string, { prefixes, self, wordOf }: Marks): Called | null {
  const text = line.trim();
  const own = wordOf(firstWord(text).toLowerCase());
  if (own !== null) return { word: own, text: behind(text), byName: false };
  const addressed = self === null ? null : addressedIn(text, self);
  if (addressed !== null) return { ...split(withoutPrefix(addressed, prefixes)), byName: true };
  const prefix = prefixes.find((each) => text.startsWith(each));
  if (prefix === undefined) return null;
  const called = split(text.slice(prefix.length));
  return /^[a-z]/.test(called.word) && called.word.length <= LONGEST_WORD
    ? { ...called, byName: false }
    : null;
}

/** What was said to us alone: always a call, with or without a prefix. */
export function calledAlone(line: string, { prefixes, self, wordOf }: Marks): Called {
  return (
    calledIn(line, { prefixes, self, wordOf }) ?? {
      ...split(withoutPrefix(line.trim(), prefixes)),
      byName: true,
    }
  );
}

function withoutPrefix(text: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((each) => text.startsWith(each));
  return prefix === undefined ? text : text.slice(prefix.length);
}

/** `parley: help`, `parley, help`, `@parley help`; null: somebody else is meant. */
function addressedIn(text: string, self: string): string | null {
  const at = text.startsWith('@') ? 1 : 0;
  const name = text.slice(at, at + self.length);
  if (self === '' || name.toLowerCase() !== self.toLowerCase()) return null;
  const rest = text.slice(at + self.length);
  const ends = at === 1 ? /^[\s:,]/.test(rest) : /^[:,]/.test(rest);
  return ends ? rest.replace(/^[\s:,]+/, '') : null;
}

function split(text: string): { readonly word: string; readonly text: string } {
  return { word: firstWord(text).toLowerCase(), text: behind(text) };
}

function firstWord(text: string): string {
  return /^\S*/.exec(text)?.[0] ?? '';
}

function behind(text: string): string {
  return text.slice(firstWord(text).length).trim();
}

export interface Words {
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, string | true>>;
}

/**
 * The words of `text`: separated by spaces, `"…"` and `'…'` keep them, `\` takes the next character as it is. `--name` is
 * a flag where `usage` names any, with the next word as its value where `usage` shows one: `[--for <duration>]`. What
 * follows `--` is no flag. Throws CommandError.
 */
export function wordsOf(text: string, usage: string): Words {
  const known = flagsIn(usage);
  const args: string[] = [];
  const flags: Record<string, string | true> = {};
  const words = tokens(text);
  for (let i = 0; i < words.length; i += 1) {
    const { word, quoted } = words[i] ?? { word: '', quoted: false };
    if (word === '--' && !quoted)
      return { args: [...args, ...words.slice(i + 1).map((each) => each.word)], flags };
    if (quoted || known.size === 0 || !/^--[a-z]/i.test(word)) {
      args.push(word);
      continue;
    }
    const [name = '', given] = splitFlag(word);
    const takes = known.get(name);
    if (takes === undefined) throw new CommandError(unknownFlag(name, [...known.keys()]));
    if (!takes && given !== undefined)
      throw new CommandError(`--${name} takes no value. Leave "=${given}" out.`);
    flags[name] = takes ? (given ?? words[++i]?.word ?? missing(name)) : true;
  }
  return { args, flags };
}

function splitFlag(word: string): readonly [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0
    ? [word.slice(2).toLowerCase(), undefined]
    : [word.slice(2, at).toLowerCase(), word.slice(at + 1)];
}

function missing(name: string): never {
  throw new CommandError(`--${name} needs a value. Write one behind it, in quotes if it has spaces.`);
}

function unknownFlag(name: string, known: readonly string[]): string {
  return `--${name} is unknown. Use ${known.map((each) => `--${each}`).join(', ')}; write -- before words that begin with dashes.`;
}

/** Flag → whether it takes a value. */
export function flagsIn(usage: string): ReadonlyMap<string, boolean> {
  const found = usage.matchAll(/--([a-z][a-z0-9-]*)(?:[ =](<[^>]*>))?/g);
  return new Map([...found].map(([, name = '', value]) => [name, value !== undefined]));
}

function isQuote(char: string): boolean {
  return char === '"' || char === "'";
}

interface Token {
  readonly word: string;
  readonly quoted: boolean;
}

function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  let word = '';
  let open = false;
  let quoted = false;
  let quote = '';
  let quotedAt = 0;
  const end = (): void => {
    if (open) found.push({ word, quoted });
    word = '';
    open = false;
    quoted = false;
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '\\' && i + 1 < text.length) {
      i += 1;
      word += text[i];
      open = true;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (isQuote(char) && !open) {
      quote = char;
      quotedAt = i;
      open = true;
      quoted = true;
    } else if (/\s/.test(char)) {
      end();
    } else {
      word += char;
      open = true;
    }
  }
  // One that is never closed was meant as a character. (`don't` has none: a quote begins a word.)
  if (quote !== '') return [...found, ...tokens(`\\${text.slice(quotedAt)}`)];
  end();
  return found;
}
