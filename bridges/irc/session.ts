/** What the parts of one connection share. Each part registers for the commands it cares about. */
import type { Logger, Network } from '../../src/bridge.js';
import { type Casemapping, casemappingOf, fold } from './casemapping.js';
import type { IrcConfig } from './config.js';
import { type Line, parseLine } from './line.js';
import type { Self } from './self.js';

export type Handler = (line: Line) => void;

/** What the server has told about itself. */
export interface Server {
  hasCap(name: string): boolean;
  /** The ISUPPORT token (RPL_ISUPPORT): its value, `true` when it has none, undefined when not given. */
  isupport(token: string): unknown;
}

export interface Session {
  readonly config: IrcConfig;
  readonly network: Network;
  readonly log: Logger;
  readonly server: Server;
  readonly self: Self;
  /** Registers for a command or numeric; handlers run in the order of registration. */
  on(commands: string | readonly string[], handler: Handler): void;
  /** Queues a line for the server. */
  send(line: string, onWritten?: () => void): void;
  /** Sends a line ahead of what is queued. */
  sendUrgent(line: string): void;
  /** Like setTimeout; never fires after the end of the connection. Returns how to cancel it. */
  after(delayMs: number, action: () => void): () => void;
  /** The key of a nick or channel name under the server's casemapping. */
  fold(name: string): string;
  /** Ends the connection; `closed` rejects with `error`. Later calls do nothing. */
  fail(error: Error): void;
}

export interface Dispatcher {
  on(commands: string | readonly string[], handler: Handler): void;
  /** Takes one line from the server apart and gives it to its handlers. Never throws. */
  receive(text: string): void;
}

/** `fallback` gets every line that is not chat, after our own handlers. */
export function dispatcher(log: Logger, fallback: (line: Line, text: string) => void): Dispatcher {
  const table = new Map<string, Handler[]>();
  const drop = dropLog(log);
  return {
    on(commands, handler) {
      for (const command of typeof commands === 'string' ? [commands] : commands) {
        const handlers = table.get(command);
        if (handlers === undefined) table.set(command, [handler]);
        else handlers.push(handler);
      }
    },
    receive(text) {
      const line = parseLine(text);
      if (line === null) return drop('a line without a command', text);
      try {
        for (const handler of table.get(line.command) ?? []) handler(line);
        if (!isChat(line.command)) fallback(line, text);
      } catch (error) {
        drop(error instanceof Error ? error.message : String(error), line.command);
      }
    },
  };
}

function isChat(command: string): boolean {
  return command === 'PRIVMSG' || command === 'NOTICE';
}

/** Hostile input must not fill the log: the first few, then every thousandth. */
function dropLog(log: Logger): (reason: string, what: string) => void {
  let dropped = 0;
  return (reason, what) => {
    dropped += 1;
    if (dropped > 5 && dropped % 1000 !== 0) return;
    log.warn('line from the server dropped', { reason, command: what.slice(0, 20), dropped });
  };
}

/** Folding that follows CASEMAPPING, which may become known only after the first names were folded. */
export function folder(server: Server): (name: string) => string {
  let token: unknown;
  let mapping: Casemapping = casemappingOf(undefined);
  return (name) => {
    const now = server.isupport('CASEMAPPING');
    if (now !== token) {
      token = now;
      mapping = casemappingOf(now);
    }
    return fold(name, mapping);
  };
}
