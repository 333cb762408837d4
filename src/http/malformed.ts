/** Answers what never became a request: the HTTP parser refused it. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HttpProblem, PROBLEM_TYPE } from './problem.js';

interface ClientError extends Error {
  readonly code?: string;
}

export function answerClientError(error: ClientError, socket: Socket): void {
  // After a reset there is nobody to answer; after an answer has begun, more bytes would spoil it.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy(error);
    return;
  }
  const { problem } = faultOf(error.code);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function faultOf(code: string | undefined): HttpProblem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpProblem('REQUEST_TIMEOUT', 'The request did not come whole in time.', {
        fix: 'Send it again over a better line.',
      });
    case 'HPE_HEADER_OVERFLOW':
      return new HttpProblem('HEADERS_TOO_LARGE', 'The headers are over 16 KB.', {
        fix: 'Send fewer headers.',
      });
    default:
      return new HttpProblem('REQUEST_INVALID', 'This is not HTTP/1.1 as RFC 9112 has it.', {
        fix: 'Use an HTTP library, and http:// rather than https:// in the address.',
      });
  }
}
