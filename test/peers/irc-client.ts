import { readFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { TestContext } from './context.js';
import { type IrcLine, parseIrcLine } from './irc-line.js';
import { within } from './wait.js';

/** A pattern for the raw line, or a question about the parsed one. */
export type LineMatch = RegExp | ((line: IrcLine) => boolean);

export interface IrcTls {
  /** PEM file of the certificate to trust; without it nothing is verified. */
  readonly ca?: string;
  /** PEM files of the client's own certificate. */
  readonly cert?: string;
  readonly key?: string;
}

export interface IrcConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: IrcTls;
}

export interface IrcClientOptions {
  readonly nick: string;
  readonly user?: string;
  readonly realname?: string;
  /** PASS. */
  readonly password?: string;
  readonly tls?: IrcTls;
  /** Capabilities to request; each must be granted. */
  readonly caps?: readonly string[];
  /** SASL PLAIN. */
  readonly sasl?: { readonly account: string; readonly password: string };
  /** SASL EXTERNAL with the client certificate of `tls`. */
  readonly saslExternal?: boolean;
}

const DEADLINE_MS = 20_000;

/**
 * A raw IRC client for tests. `waitFor` consumes: each call looks at the lines after the one that the last call
 * found, so a test reads like the dialogue it expects. PING is answered at once.
 */
export class IrcClient {
  /** Everything received, in order. */
  readonly received: IrcLine[] = [];
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: ((line: IrcLine) => void)[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #cursor = 0;
  #tokens = 0;
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#open = false;
        this.#wake();
        resolve();
      });
    });
  }

  /** Called with each line from now on, the moment it is read. */
  onLine(watcher: (line: IrcLine) => void): void {
    this.#watchers.push(watcher);
  }

  get open(): boolean {
    return this.#open;
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** Sends several lines in one write. */
  sendAll(lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends bytes as they are; the caller ends the line. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next line that matches, after the one found last. */
  async waitFor(match: LineMatch, deadlineMs = DEADLINE_MS): Promise<IrcLine> {
    const found = await this.#search(match, this.#cursor, deadlineMs);
    this.#cursor = found + 1;
    return this.#at(found);
  }

  /** Barrier: resolves when the server has dealt with everything sent before. Moves no cursor. */
  async roundtrip(deadlineMs = DEADLINE_MS): Promise<void> {
    const token = `barrier-${++this.#tokens}`;
    const from = this.received.length;
    this.send(`PING ${token}`);
    await this.#search((line) => line.command === 'PONG' && line.text === token, from, deadlineMs);
  }

  async join(channel: string, key = ''): Promise<void> {
    this.send(`JOIN ${channel} ${key}`.trimEnd());
    await this.waitFor((line) => line.command === '366' && same(line.params[1], channel));
  }

  say(target: string, text: string): void {
    this.send(`PRIVMSG ${target} :${text}`);
  }

  /** Becomes an operator: KILL, KLINE, SQUIT and so on work afterwards. */
  async oper(name: string, password: string): Promise<void> {
    this.send(`OPER ${name} ${password}`);
    await this.waitFor((line) => line.command === '381');
  }

  /** Texts of the PRIVMSGs to `target` so far, or of all. */
  heard(target?: string): readonly string[] {
    return this.received
      .filter((line) => line.command === 'PRIVMSG' && (target === undefined || same(line.params[0], target)))
      .map((line) => line.text);
  }

  async quit(): Promise<void> {
    if (!this.#open) return;
    this.#socket.end('QUIT\r\n');
    await within(this.closed, 1000, 'QUIT').catch(() => this.destroy());
  }

  /** Cuts the connection without a word. */
  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  async #search(match: LineMatch, from: number, deadlineMs: number): Promise<number> {
    const test = typeof match === 'function' ? match : (line: IrcLine) => match.test(line.raw);
    for (let index = from; ; index++) {
      await this.#line(index, deadlineMs, match);
      if (test(this.#at(index))) return index;
    }
  }

  async #line(index: number, deadlineMs: number, match: LineMatch): Promise<void> {
    while (this.received.length <= index) {
      if (!this.#open) throw new Error(`connection closed before ${match}; last lines:${this.#tail()}`);
      const more = new Promise<void>((resolve) => this.#listeners.add(resolve));
      await within(more, deadlineMs, `a line matching ${match}; last lines:${this.#tail()}`);
    }
  }

  #at(index: number): IrcLine {
    const line = this.received[index];
    if (line === undefined) throw new Error(`no line ${index}`);
    return line;
  }

  #tail(): string {
    const lines = this.received.slice(-12).map((line) => `\n  ${line.raw}`);
    return lines.length === 0 ? ' none' : lines.join('');
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const cut = this.#rest[end - 1] === 13 ? end - 1 : end;
      this.#take(this.#rest.subarray(0, cut));
      this.#rest = this.#rest.subarray(end + 1);
    }
    this.#wake();
  }

  #take(bytes: Buffer): void {
    const line = parseIrcLine(bytes);
    if (line.command === 'PING') this.send(`PONG :${line.text}`);
    this.received.push(line);
    for (const watcher of this.#watchers) watcher(line);
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** Connects without registering. */
export async function connectIrc(options: IrcConnectOptions): Promise<IrcClient> {
  const { host, port, tls } = options;
  const socket = tls === undefined ? createConnection({ host, port }) : await secureSocket(host, port, tls);
  const ready = tls === undefined ? 'connect' : 'secureConnect';
  await new Promise<void>((resolve, reject) => {
    socket.once(ready, () => resolve());
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  return new IrcClient(socket);
}

/** Connects, registers and closes after the test. */
export async function ircClient(
  t: TestContext,
  server: { readonly host: string; readonly port: number; readonly tlsPort?: number | null },
  options: IrcClientOptions,
): Promise<IrcClient> {
  const port = options.tls === undefined ? server.port : (server.tlsPort ?? server.port);
  const tls = options.tls === undefined ? {} : { tls: options.tls };
  const client = await connectIrc({ host: server.host, port, ...tls });
  t.teardown(() => client.destroy());
  await register(client, options);
  return client;
}

/** PASS, capabilities, SASL, NICK and USER; resolves after the message of the day. */
export async function register(client: IrcClient, options: IrcClientOptions): Promise<void> {
  const { nick, user = 'test', realname = 'A test', password, caps = [], sasl } = options;
  const external = options.saslExternal ?? false;
  const wanted = sasl !== undefined || external ? [...caps, 'sasl'] : caps;
  if (password !== undefined) client.send(`PASS ${password}`);
  if (wanted.length > 0) client.send('CAP LS 302');
  client.sendAll([`NICK ${nick}`, `USER ${user} 0 * :${realname}`]);
  if (wanted.length > 0) {
    client.send(`CAP REQ :${wanted.join(' ')}`);
    await client.waitFor(/ CAP \S+ ACK /);
  }
  if (sasl !== undefined)
    await authenticate(client, 'PLAIN', `${sasl.account}\0${sasl.account}\0${sasl.password}`);
  if (external) await authenticate(client, 'EXTERNAL', '');
  if (wanted.length > 0) client.send('CAP END');
  await client.waitFor(({ command }) => command === '376' || command === '422');
}

async function authenticate(client: IrcClient, mechanism: string, answer: string): Promise<void> {
  client.send(`AUTHENTICATE ${mechanism}`);
  await client.waitFor(({ command }) => command === 'AUTHENTICATE');
  client.send(`AUTHENTICATE ${answer === '' ? '+' : Buffer.from(answer).toString('base64')}`);
  const verdict = await client.waitFor(({ command }) => /^90[3-7]$/.test(command));
  if (verdict.command !== '903') throw new Error(`SASL ${mechanism}: ${verdict.raw}`);
}

async function secureSocket(host: string, port: number, tls: IrcTls): Promise<Socket> {
  const [ca, cert, key] = await Promise.all([pem(tls.ca), pem(tls.cert), pem(tls.key)]);
  return tlsConnect({ host, port, ca, cert, key, rejectUnauthorized: ca !== undefined });
}

async function pem(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : await readFile(path);
}

function same(left: string | undefined, right: string): boolean {
  return left?.toLowerCase() === right.toLowerCase();
}
