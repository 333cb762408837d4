/** What is to be said, as lines that every other client gets whole. */
import { DeliveryError, type OutboundMessage, type Receipt } from '../../src/bridge.js';
import type { ChannelState, Channels } from './channels.js';
import type { Confirmer, Outgoing } from './confirm.js';
import { splitToFit, stripFormatting } from './formatting.js';
import { MARK, PLAIN_MARK } from './mark.js';
import type { Session } from './session.js';

export interface Outbound {
  deliver(message: OutboundMessage): Promise<Receipt>;
  roomFor(channel: string, type: string): number;
}

/** RFC 1459 §2.3: the line as others receive it, with our address in front and CR LF at the end. */
const LINE_BYTES = 512;
const LEAST_ROOM_BYTES = 40;
const ACTION_BYTES = '\x01ACTION \x01'.length;

export function createOutbound(session: Session, channels: Channels, confirm: Confirmer): Outbound {
  /** Channels where colours were not the reason of a refusal: not to be tried again without, for this connection. */
  const tried = new WeakSet<ChannelState>();

  const roomFor = (channel: string, type: string): number => {
    const linelen = Number(session.server.isupport('LINELEN'));
    const line = Number.isInteger(linelen) && linelen > LINE_BYTES ? linelen : LINE_BYTES;
    const head = `: ${commandOf(type)} ${channel} :\r\n`;
    const mark = session.config.mark ? Math.max(MARK.length, Buffer.byteLength(PLAIN_MARK)) : 0;
    const action = type === 'chat.action' ? ACTION_BYTES : 0;
    const taken = session.self.maskBytes() + Buffer.byteLength(head) + mark + action;
    return Math.max(LEAST_ROOM_BYTES, line - taken);
  };

  const send = (state: ChannelState, message: OutboundMessage): Promise<Receipt> => {
    const room = roomFor(state.address, message.type);
    return confirm.send(state, outgoing(message, room, session.config.mark, state));
  };

  return {
    roomFor,
    async deliver(message) {
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

function outgoing(
  message: OutboundMessage,
  room: number,
  mark: boolean,
  state: ChannelState,
): readonly Outgoing[] {
  const text = state.plain ? stripFormatting(message.text) : message.text;
  const sign = !mark ? '' : state.plain ? PLAIN_MARK : MARK;
  const lines = text.split(/[\r\n]+/).filter((line) => line !== '');
  if (lines.length === 0) throw new DeliveryError('rejected', `nothing to say in ${message.channel}`);
  return lines
    .flatMap((line) => splitToFit(line.replaceAll('\0', ''), room))
    .map((line) => ({ command: commandOf(message.type), body: bodyOf(message.type, sign + line) }));
}

/** A \x01 inside would end the action. */
function bodyOf(type: OutboundMessage['type'], text: string): string {
  if (type === 'chat.action') return `\x01ACTION ${text.replaceAll('\x01', '')}\x01`;
  return text.startsWith('\x01') ? text.replaceAll('\x01', '') : text;
}
