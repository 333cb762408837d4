import type { Msg } from 'nats';
import { ParleyError } from '../errors.js';
import type { Stored } from './types.js';

/** What the stream says to one published event. */
export type PublishAnswer =
  | { readonly kind: 'stored'; readonly stored: Stored }
  /** Never: this event, as it is. */
  | { readonly kind: 'refused'; readonly error: ParleyError }
  /** Not now: nobody there, no leader, no room. */
  | { readonly kind: 'away'; readonly reason: string };

interface PubAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code?: number; readonly err_code?: number; readonly description?: string };
}

/** Reads a JetStream publish acknowledgement, or the empty 503 of a subject that no stream listens to. */
export function readPublishAnswer(message: Msg): PublishAnswer {
  const { data } = message;
  if (data.length === 0) {
    return { kind: 'away', reason: message.headers?.description || 'no stream takes the event' };
  }
  const ack = parse(data);
  if (typeof ack?.seq === 'number' && ack.error === undefined) {
    return { kind: 'stored', stored: { sequence: ack.seq, duplicate: ack.duplicate === true } };
  }
  const reason = ack?.error?.description ?? 'an answer that is no acknowledgement';
  // 4xx names a fault of the message; all else (503 no leader or no room, 500 store failed) may pass.
  const code = ack?.error?.code ?? 500;
  if (code < 400 || code >= 500) return { kind: 'away', reason };
  return {
    kind: 'refused',
    error: new ParleyError('EVENT_INVALID', `the backbone refuses the event: ${reason}`),
  };
}

function parse(data: Uint8Array): PubAck | null {
  try {
    // Acknowledgements are short ASCII; latin1 skips the UTF-8 check.
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1'));
  } catch {
    return null;
  }
}
