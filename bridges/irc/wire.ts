/** The socket: lines out, lines in. */
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import { PermanentError } from '../../src/bridge.js';
import type { IrcConfig } from './config.js';
import { lineDecoder } from './decoder.js';
import { Outbox } from './outbox.js';

export interface WireEvents {
  /** Bytes can flow: connected, and after the TLS handshake. */
  onOpen(): void;
  onLine(line: string): void;
  /** A line was longer than any server may send, and was cut. */
  onCut(): void;
  /** Once: the socket is gone, with the error that ended it. */
  onClose(error: NodeJS.ErrnoException | null): void;
}

export interface Wire {
  /** Sends with everything else of this turn; `onWritten` runs when the socket has taken it. */
  send(line: string, onWritten?: () => void): void;
  /** Sends ahead of everything that still waits. */
  sendUrgent(line: string): void;
  /** `onOpen` has been called. */
  isOpen(): boolean;
  /** Stops and goes on reading. */
  pause(): void;
  resume(): void;
  /** `performance.now()` of the last byte from the server. */
  lastHeardMs(): number;
  /** Sends a last line, gives the server `graceMs` to hang up, then cuts the connection. */
  end(line: string, graceMs: number): void;
  destroy(): void;
}

export type TlsFiles = Pick<tls.ConnectionOptions, 'ca' | 'cert' | 'key'>;

/** Reads the PEM files of `tls`; throws PermanentError for one that cannot be read. */
export async function readTlsFiles(config: IrcConfig): Promise<TlsFiles> {
  if (typeof config.tls === 'boolean') return {};
  const { ca, cert, key } = config.tls;
  return {
    ...(ca === undefined ? {} : { ca: [...tls.rootCertificates, await readPem('tls.ca', ca)] }),
    ...(cert === undefined ? {} : { cert: await readPem('tls.cert', cert) }),
    ...(key === undefined ? {} : { key: await readPem('tls.key', key) }),
  };
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new PermanentError(`cannot read the file of \`${name}\``, {
      cause,
      fix: 'Check that it exists and may be read.',
    });
  }
}

export function portOf(config: IrcConfig): number {
  return config.port ?? (config.tls === false ? 6667 : 6697);
}

/** Starts connecting. */
export function connectWire(config: IrcConfig, files: TlsFiles, events: WireEvents): Wire {
  const socket = connectSocket(config, files);
  socket.setNoDelay(true).setKeepAlive(true, 60_000);
  let failure: NodeJS.ErrnoException | null = null;
  let open = false;
  let heardMs = performance.now();
  const out = new Outbox(socket);
  const decoder = lineDecoder(config.encoding, events.onLine, events.onCut);

  socket.once(config.tls === false ? 'connect' : 'secureConnect', () => {
    open = true;
    events.onOpen();
  });
  socket.on('data', (chunk: Buffer) => {
    heardMs = performance.now();
    decoder.push(chunk);
  });
  socket.on('drain', () => out.flush());
  socket.on('error', (error) => {
    failure ??= error;
  });
  socket.once('close', () => {
    out.close();
    events.onClose(failure);
  });

  return {
    send: (line, onWritten) => out.send(line, onWritten),
    sendUrgent: (line) => out.sendUrgent(line),
    isOpen: () => open,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    lastHeardMs: () => heardMs,
    end(line, graceMs) {
      // Behind what waits: lines after a QUIT are never read.
      out.send(line);
      const timer = setTimeout(() => socket.destroy(), graceMs);
      socket.once('close', () => clearTimeout(timer));
      socket.once('end', () => socket.destroy());
    },
    destroy: () => socket.destroy(),
  };
}

function connectSocket(config: IrcConfig, files: TlsFiles): net.Socket {
  const base = {
    host: config.host,
    port: portOf(config),
    ...(config.bind === undefined ? {} : { localAddress: config.bind }),
  };
  if (config.tls === false) return net.connect(base);
  const details = config.tls === true ? { verify: true, serverName: undefined } : config.tls;
  const name = details.serverName ?? (net.isIP(config.host) === 0 ? config.host : undefined);
  return tls.connect({
    ...base,
    ...files,
    rejectUnauthorized: details.verify,
    ...(name === undefined ? {} : { servername: name }),
  });
}
