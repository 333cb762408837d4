import type { OutboundMessage } from '../bridge.js';
import type { ParleyEvent } from '../message/index.js';
import type { Rendered, Target } from '../routing/index.js';
import { NEW, type Reference, refers } from './reference.js';

/** One event on its way into one channel. */
export interface Utterance {
  readonly event: ParleyEvent;
  readonly target: Target;
  /** Place in the channel's order; what comes back for another try is put where it was. */
  readonly order: number;
  /** When it came; steady clock, ms. */
  readonly sinceMs: number;
  /** Called once, when it is said, dead-lettered or dropped. */
  readonly settle: () => void;
  /** Of a dead letter that is said again: told why it was refused, instead of a second dead letter. */
  readonly refused: ((reason: string) => void) | null;
  /** What it answers, edits or deletes there; undefined until that was looked up. */
  reference: Reference | undefined;
  /** Null until it is first sent: the room in a line is known only then. */
  rendered: Rendered | null;
  /** Parts that are still to be sent, by index. */
  todo: number[];
  /** Ids that the network gave its parts, by part; null when it gave none. */
  natives: (string | null)[] | null;
  /** Parts that are on the wire, unconfirmed. */
  inFlight: number;
  /** Times a part of it got the answer "maybe sent". */
  unknowns: number;
  /** The connection that gave the last such answer. */
  unknownEpoch: number;
  /** Which of its parts got that answer from that connection. */
  readonly unknownParts: Set<number>;
  attempts: number;
  /** Said or dead-lettered: later answers for other parts change nothing. */
  over: boolean;
}

export function utteranceOf(
  event: ParleyEvent,
  target: Target,
  order: number,
  settle: () => void,
  refused: Utterance['refused'] = null,
): Utterance {
  return {
    event,
    target,
    order,
    sinceMs: performance.now(),
    settle,
    refused,
    reference: refers(event) ? undefined : NEW,
    rendered: null,
    todo: [],
    natives: null,
    inFlight: 0,
    unknowns: 0,
    unknownEpoch: 0,
    unknownParts: new Set(),
    attempts: 0,
    over: false,
  };
}

/** One part of it as the bridge gets it. */
export function messageOf({ event, target, rendered }: Utterance, index: number): OutboundMessage {
  const parts = rendered?.parts ?? [];
  return {
    channel: target.channel,
    ...(target.private === true ? { private: true as const } : {}),
    type: rendered?.type ?? 'chat.message',
    text: parts[index] ?? '',
    part: { index, count: parts.length },
    event,
    ...rendered?.acts?.[index],
  };
}

/** Several parts that one lost connection left in doubt are one doubt; the same part in doubt again is another. */
export function countUnknown(utterance: Utterance, part: number, connection: number): void {
  const sameConnection = utterance.unknownEpoch === connection;
  if (!sameConnection) utterance.unknownParts.clear();
  if (!sameConnection || utterance.unknownParts.has(part)) utterance.unknowns += 1;
  utterance.unknownEpoch = connection;
  utterance.unknownParts.add(part);
}
