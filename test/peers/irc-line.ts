/** One line as it came from the server, taken apart (RFC 1459 §2.3.1 with IRCv3 message tags). */
export interface IrcLine {
  readonly raw: string;
  /** The exact bytes, for tests of encodings. */
  readonly bytes: Buffer;
  readonly tags: ReadonlyMap<string, string>;
  /** `nick!user@host` or a server name; empty when the line has none. */
  readonly source: string;
  /** The part of `source` before `!`. */
  readonly nick: string;
  readonly command: string;
  readonly params: readonly string[];
  /** The last parameter, or empty. */
  readonly text: string;
}

const LINE = /^(?:@(\S+) +)?(?::(\S+) +)?(\S+)(.*)$/s;
const ESCAPES: Readonly<Record<string, string>> = { ':': ';', s: ' ', r: '\r', n: '\n' };

export function parseIrcLine(bytes: Buffer): IrcLine {
  const raw = bytes.toString('utf8');
  const [, tags = '', source = '', command = '', rest = ''] = LINE.exec(raw) ?? [];
  const params = parseParams(rest);
  const nick = source.split('!', 1)[0] ?? '';
  return { raw, bytes, tags: parseTags(tags), source, nick, command, params, text: params.at(-1) ?? '' };
}

function parseParams(rest: string): readonly string[] {
  const [, middle = '', trailing] = /^(.*?)(?: :(.*))?$/s.exec(rest) ?? [];
  const params = middle.split(' ').filter((param) => param !== '');
  return trailing === undefined ? params : [...params, trailing];
}

function parseTags(tags: string): ReadonlyMap<string, string> {
  const pairs = tags.split(';').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [key, value.join('=').replaceAll(/\\(.?)/g, (_, char: string) => ESCAPES[char] ?? char)];
    }),
  );
}
