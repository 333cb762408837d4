/**
 * Pointing at messages by their msgid: replies (ircv3.net/specs/client-tags/reply, draft) and redaction
 * (ircv3.net/specs/extensions/message-redaction, draft).
 */
import type { Session } from './session.js';

const REPLY = 'draft/reply';
/** 4094 bytes of tags may come from a client, ours among them. */
const LONGEST_ID_BYTES = 1_000;

/** The server passes the tag on; CLIENTTAGDENY may refuse it: `*,-draft/reply` denies all but this one. */
export function mayReply({ server }: Session): boolean {
  if (!server.hasCap('message-tags')) return false;
  const denied = server.isupport('CLIENTTAGDENY');
  const rules = typeof denied === 'string' ? denied.split(',') : Array.isArray(denied) ? denied : [];
  return rules.includes('*') ? rules.includes(`-${REPLY}`) : !rules.includes(REPLY);
}

export function mayRedact({ server }: Session): boolean {
  return server.hasCap('draft/message-redaction');
}

/**
 * Tags of a line that answers the message with this id; empty when it answers none, or the server would not take
 * them.
 */
export function replyTags(session: Session, id: string | undefined): string {
  if (id === undefined || id === '' || Buffer.byteLength(id) > LONGEST_ID_BYTES || !mayReply(session))
    return '';
  return `+${REPLY}=${escapeTag(id)}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ';': '\\:',
  ' ': '\\s',
  '\\': '\\\\',
  '\r': '\\r',
  '\n': '\\n',
};

function escapeTag(value: string): string {
  return value.replaceAll('\0', '').replace(/[; \\\r\n]/g, (char) => ESCAPES[char] ?? char);
}
