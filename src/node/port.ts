import { connect } from 'node:net';
import { ParleyError } from '../errors.js';

const BANNER_MS = 500;

/** The error of an address that somebody else listens on, with what can be told of them. */
export async function portTaken(host: string, port: number): Promise<ParleyError> {
  const server = serverName(await banner(host, port));
  const holder = server === null ? 'another program' : `another nats-server ("${server}")`;
  return new ParleyError('PORT_TAKEN', `${host}:${port} is taken by ${holder}`, {
    fix: `Stop it (find it with: ss -ltnp "sport = :${port}" or lsof -i :${port}), or change "node.listen" in the config.`,
  });
}

/** What whoever listens there says first; a nats-server greets with `INFO {…}`. */
function banner(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: BANNER_MS });
    const end = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.once('data', (data) => end(data.toString('utf8')));
    socket.once('error', () => end(''));
    socket.once('timeout', () => end(''));
    socket.once('close', () => end(''));
  });
}

function serverName(text: string): string | null {
  return text.startsWith('INFO {') ? (/"server_name":"([^"]*)"/.exec(text)?.[1] ?? '') : null;
}
