/** The stream on a WebSocket (RFC 6455): one text message per event, nothing else. */
import type { WebSocket } from '@fastify/websocket';
import type { Frame } from './frame.js';
import type { Sink } from './reader.js';

/** Beyond this much unsent, the reader waits. */
const HIGH_WATER_BYTES = 64 * 1024;
/** RFC 6455 §7.4.1 and the registry beside it. */
const CLOSE_CODES = {
  shutdown: { code: 1001, reason: 'the server stops' },
  revoked: { code: 1008, reason: 'the token was revoked' },
  lost: { code: 1013, reason: 'try again later' },
} as const;

/** `drained` is called when a socket that had enough takes more again. */
export function openWebSocket(socket: WebSocket, drained: () => void): Sink {
  let alive = true;
  let full = false;
  socket.on('pong', () => {
    alive = true;
  });
  const sent = () => {
    if (!full || socket.bufferedAmount > HIGH_WATER_BYTES / 2) return;
    full = false;
    drained();
  };
  return {
    write: (frames) => {
      for (const frame of frames) send(socket, frame, sent);
      full = socket.bufferedAmount > HIGH_WATER_BYTES;
      return !full;
    },
    beat: () => {
      // The last ping was not answered: TCP alone can take a quarter of an hour to notice.
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    },
    end: (why) => socket.close(CLOSE_CODES[why].code, CLOSE_CODES[why].reason),
    destroy: () => socket.terminate(),
  };
}

function send(socket: WebSocket, frame: Frame, sent: () => void): void {
  // An error also closes the socket, and that is where it is handled.
  socket.send(frame.socket, { binary: false }, sent);
}
