/** Server-Sent Events, https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { FastifyReply } from 'fastify';
import type { Frame } from './frame.js';
import type { Sink } from './reader.js';

/** Takes the socket over from Fastify and begins the event stream. */
export function openSse(reply: FastifyReply): Sink {
  reply.hijack();
  const { raw } = reply;
  // The connection ends with the stream: otherwise a stop would wait for an idle keep-alive connection.
  const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream', connection: 'close' };
  raw.writeHead(200, { ...headers, 'x-accel-buffering': 'no' } as Record<string, string>);
  raw.write('retry: 2000\n\n');
  return {
    write: (frames) => raw.write(joined(frames)),
    beat: () => raw.write(': \n\n'),
    end: () => raw.end(),
    destroy: () => raw.destroy(),
  };
}

function joined(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  return frames.length === 1 && first ? first.sse : Buffer.concat(frames.map((frame) => frame.sse));
}
