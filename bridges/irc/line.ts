/** One line of the protocol, taken apart (RFC 1459 §2.3.1, ircv3.net/specs/extensions/message-tags). Never throws. */
export interface Line {
  /** Undecoded, without `@`: few lines have a tag that somebody asks for, so `tagOf` looks it up. */
  readonly tags: string;
  /** `nick!user@host` or a server name; empty when the line came without. */
  readonly source: string;
  /** Upper case. */
  readonly command: string;
  readonly params: readonly string[];
}

const SPACE = 32;
const COLON = 58;

/** Null for a line without a command. */
export function parseLine(text: string): Line | null {
  let at = 0;
  let tags = '';
  let source = '';
  if (text.charCodeAt(0) === 64) {
    const end = endOfWord(text, 1);
    tags = text.slice(1, end);
    at = skipSpaces(text, end);
  }
  if (text.charCodeAt(at) === COLON) {
    const end = endOfWord(text, at + 1);
    source = text.slice(at + 1, end);
    at = skipSpaces(text, end);
  }
  const end = endOfWord(text, at);
  if (end === at) return null;
  const command = text.slice(at, end);
  return { tags, source, command: upper(command), params: paramsFrom(text, end) };
}

function paramsFrom(text: string, from: number): string[] {
  const params: string[] = [];
  let at = skipSpaces(text, from);
  while (at < text.length) {
    if (text.charCodeAt(at) === COLON) {
      params.push(text.slice(at + 1));
      break;
    }
    const end = endOfWord(text, at);
    params.push(text.slice(at, end));
    at = skipSpaces(text, end);
  }
  return params;
}

function endOfWord(text: string, from: number): number {
  const end = text.indexOf(' ', from);
  return end === -1 ? text.length : end;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at += 1;
  return at;
}

function upper(command: string): string {
  return command === 'PRIVMSG' ? command : command.toUpperCase();
}

/** The value of a tag, '' when it has none, undefined when the line does not carry it. */
export function tagOf(line: Line, key: string): string | undefined {
  const { tags } = line;
  if (tags === '') return undefined;
  let at = 0;
  while (at < tags.length) {
    const end = tags.indexOf(';', at) === -1 ? tags.length : tags.indexOf(';', at);
    if (tags.startsWith(key, at)) {
      const after = at + key.length;
      if (after === end) return '';
      if (tags.charCodeAt(after) === 61) return unescapeTag(tags.slice(after + 1, end));
    }
    at = end + 1;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\:': ';',
  '\\s': ' ',
  '\\\\': '\\',
  '\\r': '\r',
  '\\n': '\n',
};

function unescapeTag(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\.?/gs, (pair) => ESCAPES[pair] ?? pair.slice(1));
}

export interface Source {
  readonly nick: string;
  readonly user: string;
  readonly host: string;
}

/** A source without `!` and `@` is a nick or a server: both end up in `nick`. */
export function parseSource(source: string): Source {
  const bang = source.indexOf('!');
  const at = source.indexOf('@', bang + 1);
  const nickEnd = bang !== -1 ? bang : at !== -1 ? at : source.length;
  const userEnd = at === -1 ? source.length : at;
  return {
    nick: source.slice(0, nickEnd),
    user: bang === -1 ? '' : source.slice(bang + 1, userEnd),
    host: at === -1 ? '' : source.slice(at + 1),
  };
}

/** When the server says this was said (ircv3.net/specs/extensions/server-time), or undefined. */
export function timeOf(line: Line): Date | undefined {
  const tag = tagOf(line, 'time');
  if (tag === undefined || tag === '') return undefined;
  const time = new Date(/^\d+(\.\d+)?$/.test(tag) ? Number(tag) * 1000 : tag);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
