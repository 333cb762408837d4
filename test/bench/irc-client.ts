import { connect, type Socket } from 'node:net';

/** A bare IRC client that does as little as possible per line: the bench measures Parley, not its client. */
export class BenchClient {
  onLine: (line: string) => void = () => {};
  readonly #socket: Socket;
  readonly #watchers = new Set<(line: string) => void>();
  #rest = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => {});
  }

  static async join(port: number, nick: string, channel: string): Promise<BenchClient> {
    const client = new BenchClient(connect(port, '127.0.0.1'));
    const joined = client.until((line) => line.includes(' 366 '));
    client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\n`);
    await client.until((line) => line.includes(' 001 '));
    client.send(`JOIN ${channel}\r\n`);
    await joined;
    return client;
  }

  send(lines: string): void {
    this.#socket.write(lines);
  }

  /** Resolves with the first line that matches. */
  until(matches: (line: string) => boolean, deadlineMs = 30_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const watcher = (line: string) => {
        if (!matches(line)) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve(line);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        reject(new Error('the awaited line did not come'));
      }, deadlineMs);
      this.#watchers.add(watcher);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('PING')) this.send(`PONG${line.slice(4)}\r\n`);
      else this.#heard(line);
    }
  }

  #heard(line: string): void {
    this.onLine(line);
    for (const watcher of this.#watchers) watcher(line);
  }
}
