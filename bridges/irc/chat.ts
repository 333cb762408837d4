/** PRIVMSG and NOTICE: the lines that there are most of, straight from the parser. */
import type { Author, NetworkEvent } from '../../src/bridge.js';
import { authorOf, speakerOf } from './author.js';
import type { Batches } from './batch.js';
import type { Channels } from './channels.js';
import { createCtcp } from './ctcp.js';
import { type Line, parseSource, tagOf, timeOf } from './line.js';
import { isMarked } from './mark.js';
import { personIn } from './person.js';
import type { Playback } from './playback.js';
import type { Roster } from './roster.js';
import type { Session } from './session.js';

interface Parts {
  readonly session: Session;
  readonly channels: Channels;
  readonly roster: Roster;
  readonly batches: Batches;
  readonly playback: Playback;
  /** Our own line came back (echo-message). */
  echoed(line: Line): void;
}

const FORMATTING = /[\x02-\x04\x0f\x11\x16\x1d-\x1f]/;
const CTCP = 1;

export function watchChat(parts: Parts): void {
  const { session } = parts;
  const ctcp = createCtcp(session);
  session.on(['PRIVMSG', 'NOTICE'], (line) => {
    const [target, text] = line.params;
    if (target === undefined || text === undefined) throw new Error('a message without target or text');
    if (session.self.is(parseSource(line.source).nick)) return parts.echoed(line);
    const said = saidIn(line.command, text);
    if (said.type === 'ctcp') {
      // A CTCP in a NOTICE is an answer, and answers are never answered.
      if (line.command === 'PRIVMSG') ctcp.answer(line, said.text);
      return;
    }
    // A message to the operators of a channel (`@#channel`, STATUSMSG) is for nobody here.
    const state = parts.channels.find(target);
    if (state !== undefined) hear(parts, line, state.address, said.type, said.text);
    else if (said.type === 'chat.message' && session.self.is(target)) hearAlone(parts, line, said.text);
  });
  session.on('001', (line) => parts.playback.welcomed(line));
  watchRedactions(parts);
}

/** ircv3.net/specs/extensions/message-redaction (draft): `REDACT #channel msgid [:reason]`. */
function watchRedactions(parts: Parts): void {
  const { session } = parts;
  session.on('REDACT', (line) => {
    const [target = '', replyTo = '', text = ''] = line.params;
    if (session.self.is(parseSource(line.source).nick)) return parts.echoed(line);
    const channel = parts.channels.find(target)?.address;
    if (channel === undefined || replyTo === '') return;
    const time = timeOf(line);
    if (!parts.playback.admits(channel, time, parts.batches.typesOf(line))) {
      session.network.dropped?.('playback');
      return;
    }
    void session.network.receive({
      ...speakerOf(session, parts.roster, line, channel),
      type: 'chat.delete',
      channel,
      text,
      replyTo,
      ...(time === undefined ? {} : { time }),
    });
  });
}

type Said = { readonly type: 'chat.message' | 'chat.action' | 'chat.notice' | 'ctcp'; readonly text: string };

/** Some clients leave out the closing \x01. */
function saidIn(command: string, text: string): Said {
  if (text.charCodeAt(0) !== CTCP) {
    return { type: command === 'NOTICE' ? 'chat.notice' : 'chat.message', text };
  }
  const body = text.endsWith('\x01') && text.length > 1 ? text.slice(1, -1) : text.slice(1);
  const action = /^ACTION(?: |$)/i.test(body) && command === 'PRIVMSG';
  return action ? { type: 'chat.action', text: body.slice('ACTION '.length) } : { type: 'ctcp', text: body };
}

function hear(parts: Parts, line: Line, channel: string, type: NetworkEvent['type'], text: string): void {
  const { session, roster } = parts;
  const speaker = speakerOf(session, roster, line, channel);
  const unwanted = reasonToDrop(parts, line, channel, text, speaker.author);
  if (unwanted !== null) {
    session.network.dropped?.(unwanted);
    return;
  }
  const time = timeOf(line);
  const nativeId = tagOf(line, 'msgid');
  const replyTo = tagOf(line, '+reply') ?? tagOf(line, '+draft/reply');
  void session.network.receive({
    ...speaker,
    type,
    channel,
    text,
    ...(FORMATTING.test(text) ? { markup: 'irc' as const } : {}),
    ...(nativeId === undefined ? {} : { nativeId }),
    ...(time === undefined ? {} : { time }),
    ...(replyTo === undefined ? {} : { replyTo }),
  });
}

/** A PRIVMSG to our nick. A NOTICE is never one: two programs that answer notices answer each other for ever. */
function hearAlone(parts: Parts, line: Line, text: string): void {
  const { session, roster } = parts;
  const author = authorOf(session, roster, line);
  const person = personIn(line);
  const unwanted = reasonToDrop(parts, line, null, text, author);
  if (person === null || unwanted !== null) {
    session.network.dropped?.(unwanted ?? 'not-a-person');
    return;
  }
  const markup = FORMATTING.test(text) ? ({ markup: 'irc' } as const) : {};
  session.network.addressed?.({ author, person, mask: line.source, text, ...markup });
}

/** `channel`: null when it was said to us alone. */
function reasonToDrop(
  parts: Parts,
  line: Line,
  channel: string | null,
  text: string,
  author: Author,
): string | null {
  // Relayed here by another Parley, or by another relay that says so (draft/relaymsg).
  if (isMarked(text)) return 'marked';
  if (tagOf(line, 'draft/relaymsg') !== undefined) return 'relaymsg';
  const time = timeOf(line);
  const types = parts.batches.typesOf(line);
  const { admits, admitsPrivately } = parts.playback;
  if (!(channel === null ? admitsPrivately(time, types) : admits(channel, time, types))) return 'playback';
  return author.bot === true && parts.session.config.ignoreBots ? 'bot' : null;
}
