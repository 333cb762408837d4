/**
 * Somebody on an IRC server who is in every channel, comes back by himself, and writes down each line of the run that he
 * hears. Lean, as a run of minutes passes tens of thousands of lines through each.
 */
import { createConnection, type Socket } from 'node:net';
import { type Line, lineIn, textOf } from './line.js';

const RETRY_MS = 50;
const PATIENCE_MS = 5_000;

export interface Heard extends Line {
  readonly channel: string;
  /** Who said it. */
  readonly nick: string;
  readonly atMs: number;
}

export class IrcPerson {
  onHeard: (heard: Heard) => void = () => {};
  /** Another bot has come. */
  onBot: (bot: string) => void = () => {};
  /** User name of the bot that came into a channel last: two may be there at once, the old one under the nick. */
  #bot: string | null = null;
  readonly #joined = new Set<string>();
  #socket: Socket | null = null;
  #rest = '';
  #over = false;

  constructor(
    readonly port: number,
    readonly nick: string,
    readonly channels: readonly string[],
  ) {
    this.#connect();
  }

  /** In every channel. */
  get present(): boolean {
    return this.#joined.size === this.channels.length;
  }

  /** User name of the bot that is here now, or was last; null before the first one. */
  get bot(): string | null {
    return this.#bot;
  }

  /** False when the line could not even be sent. */
  say(channel: string, line: Line): boolean {
    if (!this.#joined.has(channel)) return false;
    this.#socket?.write(`PRIVMSG ${channel} :${textOf(line)}\r\n`);
    return true;
  }

  /** Takes nothing from the server any more, until `listen`. */
  deafen(): void {
    this.#socket?.pause();
  }

  listen(): void {
    this.#socket?.resume();
  }

  leave(): void {
    this.#over = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = createConnection({ host: '127.0.0.1', port: this.port })
      .setNoDelay(true)
      .setEncoding('utf8');
    this.#socket = socket;
    this.#rest = '';
    socket.on('connect', () => socket.write(`NICK ${this.nick}\r\nUSER ${this.nick} 0 * :${this.nick}\r\n`));
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => {}); // its close follows
    const impatient = setTimeout(() => {
      if (this.#joined.size === 0) socket.destroy();
    }, PATIENCE_MS);
    socket.on('close', () => {
      clearTimeout(impatient);
      this.#joined.clear();
      if (!this.#over) setTimeout(() => this.#connect(), RETRY_MS);
    });
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    if (line.startsWith('PING')) this.#socket?.write(`PONG${line.slice(4)}\r\n`);
    const [, nick = '', user = '', command = '', channel = '', text = ''] =
      /^:([^\s!]+)(?:!~?([^@\s]*)\S*)? (\S+) (?:\S+ (?=#))?(\S+)(?: :?(.*))?$/.exec(line) ?? [];
    if (command === '001') this.#socket?.write(this.channels.map((name) => `JOIN ${name}\r\n`).join(''));
    if (command === '366') this.#joined.add(channel);
    // People here have their nick for a user name.
    if (command === 'JOIN' && user !== nick && user !== this.#bot) {
      this.#bot = user;
      this.onBot(user);
    }
    if (command !== 'PRIVMSG') return;
    const found = lineIn(text);
    if (found !== null) this.onHeard({ ...found, channel, nick, atMs: performance.now() });
  }
}
