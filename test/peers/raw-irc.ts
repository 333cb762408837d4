/** A scripted IRC server over plain TCP: for what no real server can be made to say. */
import { createServer, type Socket } from 'node:net';
import type { TestContext } from './context.js';
import { until } from './wait.js';

export interface RawIrcOptions {
  /** Offered in CAP LS; every request is granted. Null: the server knows no CAP. */
  readonly caps?: string | null;
  /** ISUPPORT tokens. */
  readonly isupport?: string;
  /** Sees each line first; true = dealt with. */
  readonly script?: (line: string, peer: RawPeer) => boolean;
}

/** One client of the server, as the server sees it. */
export interface RawPeer {
  /** Lines from the client, in order. */
  readonly received: string[];
  nick: string;
  /** What of NICK, USER and CAP END has come. */
  readonly done: Set<string>;
  readonly closed: Promise<void>;
  send(...lines: readonly string[]): void;
  sendBytes(bytes: Uint8Array): void;
  /** The next line that matches, after the one found last. */
  waitFor(match: RegExp, deadlineMs?: number): Promise<string>;
  /** Barrier: resolves when the client has read everything sent before. */
  roundtrip(): Promise<void>;
  /** Closes after what was sent. */
  end(): void;
  destroy(): void;
}

export interface RawIrcServer {
  readonly host: string;
  readonly port: number;
  readonly peers: readonly RawPeer[];
  /** The client that connects next, or the first that nobody has asked for yet. */
  peer(): Promise<RawPeer>;
}

export async function startRawIrc(t: TestContext, options: RawIrcOptions = {}): Promise<RawIrcServer> {
  const peers: RawPeer[] = [];
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    peers.push(rawPeer(socket, options));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    host: '127.0.0.1',
    port,
    peers,
    async peer() {
      const index = taken;
      taken += 1;
      return await until(() => peers[index], { what: `client ${index + 1} of the raw server` });
    },
  };
}

function rawPeer(socket: Socket, options: RawIrcOptions): RawPeer {
  const received: string[] = [];
  let cursor = 0;
  let tokens = 0;
  let rest = '';
  socket.setNoDelay(true).on('error', () => {});
  const peer: RawPeer = {
    received,
    nick: '*',
    done: new Set(),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    send: (...lines) => void socket.write(lines.map((line) => `${line}\r\n`).join('')),
    sendBytes: (bytes) => void socket.write(bytes),
    async waitFor(match, deadlineMs = 20_000) {
      const found = (): number => received.findIndex((line, index) => index >= cursor && match.test(line));
      await until(() => found() >= 0, {
        what: `a line matching ${match}; got ${JSON.stringify(received.slice(-8))}`,
        deadlineMs,
        everyMs: 2,
      });
      const index = found();
      cursor = index + 1;
      return received[index] ?? '';
    },
    async roundtrip() {
      tokens += 1;
      const token = `raw-${tokens}`;
      peer.send(`PING :${token}`);
      await until(() => received.includes(`PONG :${token}`), { what: 'PONG', everyMs: 2 });
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      received.push(line);
      if (options.script?.(line, peer) !== true) answer(line, peer, options);
    }
  });
  return peer;
}

/** What an ordinary server says. */
function answer(line: string, peer: RawPeer, options: RawIrcOptions): void {
  const { caps = '', isupport = 'CASEMAPPING=rfc1459 CHANTYPES=# PREFIX=(ov)@+' } = options;
  const [command = '', first = ''] = line.replace(/^@\S+ /, '').split(' ');
  const before = peer.done.size;
  switch (command) {
    case 'NICK':
      if (peer.done.has('welcome')) peer.send(`:${peer.nick}!parley@bot.test NICK ${first}`);
      peer.nick = first;
      peer.done.add('NICK');
      break;
    case 'CAP':
      if (caps === null) break;
      if (first === 'LS') peer.send(`:raw.test CAP * LS :${caps}`);
      if (first === 'REQ') peer.send(`:raw.test CAP * ACK ${line.slice(line.indexOf(':'))}`);
      if (first === 'END') peer.done.add('CAP END');
      break;
    case 'USER':
      peer.done.add('USER');
      if (caps === null) peer.done.add('CAP END');
      break;
    case 'JOIN':
      for (const name of first.split(',')) {
        peer.send(
          `:${peer.nick}!parley@bot.test JOIN ${name}`,
          `:raw.test 353 ${peer.nick} = ${name} :${peer.nick} @anna +bert`,
          `:raw.test 366 ${peer.nick} ${name} :End of NAMES`,
        );
      }
      break;
    case 'PING':
      peer.send(`:raw.test PONG raw.test :${line.slice(5).replace(/^:/, '')}`);
      break;
    case 'QUIT':
      peer.send('ERROR :Closing link');
      peer.end();
      break;
  }
  if (peer.done.size > before && peer.done.size === 3) {
    peer.done.add('welcome');
    peer.send(
      `:raw.test 001 ${peer.nick} :Welcome`,
      `:raw.test 005 ${peer.nick} ${isupport} :are supported`,
      `:raw.test 422 ${peer.nick} :no MOTD`,
    );
  }
}
