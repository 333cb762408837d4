/** What is to be said, as lines that every other client gets whole. */
import { DeliveryError, type OutboundMessage, type Receipt } from '../../src/bridge.js';
import type { ChannelState, Channels } from './channels.js';
import type { Confirmer, Outgoing } from './confirm.js';
import { splitToFit, stripFormatting } from './formatting.js';
import { MARK, PLAIN_MARK } from './mark.js';
import { isNick } from './person.js';
import type { Recipients } from './recipients.js';
import { mayRedact, mayReply, replyTags } from './references.js';
import type { Session } from './session.js';

export interface Outbound {
  deliver(message: OutboundMessage): Promise<Receipt>;
  roomFor(channel: string, type: string): number;
  /** What this server lets us do to messages that are there. */
  abilities(): { readonly deletes: boolean; readonly replies: boolean };
}

/** RFC 1459 §2.3: the line as others receive it, with our address in front and CR LF at the end. */
const LINE_BYTES = 512;
const LEAST_ROOM_BYTES = 40;
const ACTION_BYTES = '\x01ACTION \x01'.length;

export function createOutbound(
  session: Session,
  channels: Channels,
  recipients: Recipients,
  confirm: Confirmer,
): Outbound {
  /** Channels where colours were not the reason of a refusal: not to be tried again without, for this connection. */
  const tried = new WeakSet<ChannelState>();

  const roomFor = (channel: string, type: string): number => {
    const linelen = Number(session.server.isupport('LINELEN'));
    const line = Number.isInteger(linelen) && linelen > LINE_BYTES ? linelen : LINE_BYTES;
    const alone = isNick(channel);
    const head = `: ${alone ? 'NOTICE' : commandOf(type)} ${channel} :\r\n`;
    const mark = !alone && session.config.mark ? Math.max(MARK.length, Buffer.byteLength(PLAIN_MARK)) : 0;
    const action = !alone && type === 'chat.action' ? ACTION_BYTES : 0;
    const taken = session.self.maskBytes() + Buffer.byteLength(head) + mark + action;
    return Math.max(LEAST_ROOM_BYTES, line - taken);
  };

  const send = (state: ChannelState, message: OutboundMessage): Promise<Receipt> => {
    if (message.deletes !== undefined) return redact(session, confirm, state, message.deletes);
    const room = roomFor(state.address, message.type);
    const tags = replyTags(session, message.replyTo);
    const { mark } = session.config;
    return confirm.send(state, outgoing(message, { room, mark, plain: state.plain, tags }));
  };

  /**
   * As a NOTICE: RFC 2812 §3.3.2 forbids programs to answer one, so no two bots talk to each other for ever. It forbids
   * servers to refuse one, too: where they keep to it, all that is known is that ours has read it. Without a mark, as
   * nobody relays it.
   */
  const sendAlone = async (message: OutboundMessage): Promise<Receipt> => {
    const { channel: nick } = message;
    if (!isNick(nick)) throw new DeliveryError('rejected', `${JSON.stringify(nick)} is no nick`);
    if (session.self.is(nick)) throw new DeliveryError('rejected', `${nick} is our own nick`);
    const text = { ...message, type: 'chat.notice' } as const;
    const lines = outgoing(text, { room: roomFor(nick, text.type), mark: false, plain: false, tags: '' });
    const person = recipients.take(nick);
    return confirm.send(person, lines).finally(() => recipients.release(person));
  };

  return {
    roomFor,
    abilities: () => ({ deletes: mayRedact(session), replies: mayReply(session) }),
    async deliver(message) {
      if (message.private === true) return sendAlone(message);
      const state = channels.find(message.channel);
      if (state?.standing !== 'in') throw notThere(message.channel, state);
      try {
        return await send(state, message);
      } catch (error) {
        // A gateway that stood still since may have lost the network to another.
        if (session.network.owned?.() === false) throw error;
        if (!isRefusal(error) || state.plain || tried.has(state) || !hasFormatting(message.text)) throw error;
        // Mode +c refuses formatted lines, mostly without saying so.
        state.plain = true;
        return await send(state, message).catch((again: unknown) => {
          state.plain = false;
          tried.add(state);
          throw again;
        });
      }
    },
  };
}

/** Our own REDACT comes back like a line of ours: `confirm` knows it by the id. */
async function redact(
  session: Session,
  confirm: Confirmer,
  state: ChannelState,
  id: string,
): Promise<Receipt> {
  if (!mayRedact(session)) throw new DeliveryError('rejected', 'the server has no draft/message-redaction');
  if (/[\s\0]/.test(id) || id === '') throw new DeliveryError('rejected', 'no id that a message can have');
  await confirm.send(state, [{ command: 'REDACT', body: id, tags: '' }]);
  return { nativeId: null };
}

function isRefusal(error: unknown): boolean {
  return error instanceof DeliveryError && error.outcome === 'rejected';
}

function hasFormatting(text: string): boolean {
  return stripFormatting(text) !== text;
}

function notThere(channel: string, state: ChannelState | undefined): DeliveryError {
  const reason = state === undefined ? 'it is not attached' : state.reason;
  return new DeliveryError('unavailable', `not in ${channel}: ${reason}`);
}

function commandOf(type: string): string {
  return type === 'chat.notice' ? 'NOTICE' : 'PRIVMSG';
}

interface Form {
  readonly room: number;
  readonly mark: boolean;
  readonly plain: boolean;
  readonly tags: string;
}

function outgoing(message: OutboundMessage, { room, mark, plain, tags }: Form): readonly Outgoing[] {
  const text = plain ? stripFormatting(message.text) : message.text;
  const sign = !mark ? '' : plain ? PLAIN_MARK : MARK;
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll('\0', ''))
    // What is taken out below must leave something: an empty line is none.
    .filter((line) => /[^\x01]/.test(line));
  if (lines.length === 0) throw new DeliveryError('rejected', `nothing to say in ${message.channel}`);
  return lines
    .flatMap((line) => splitToFit(line, room))
    .map((line, index) => ({
      command: commandOf(message.type),
      body: bodyOf(message.type, sign + line),
      tags: index === 0 ? tags : '',
    }));
}

/** A \x01 inside would end the action. */
function bodyOf(type: OutboundMessage['type'], text: string): string {
  if (type === 'chat.action') return `\x01ACTION ${text.replaceAll('\x01', '')}\x01`;
  return text.startsWith('\x01') ? text.replaceAll('\x01', '') : text;
}
