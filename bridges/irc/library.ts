/**
 * irc-framework behind a guard.
 *
 * It negotiates capabilities, speaks SASL and reads ISUPPORT. It gets no other line: a line that lacks a parameter makes
 * it throw, lines inside nested batches vanish in it, and chat is parsed here many times faster. It writes through our
 * own funnel, and its CAP END waits until the login is decided (it would send it on 900, before 903).
 */

import { EventEmitter } from 'node:events';
import framework from 'irc-framework';
import type { IrcConfig } from './config.js';
import type { Line } from './line.js';
import type { Server } from './session.js';
import { portOf } from './wire.js';

/** The commands that the library handles, with the parameters that each must have before it may. */
const ARITY: ReadonlyMap<string, number> = new Map([
  ['CAP', 3],
  ['AUTHENTICATE', 1],
  ['001', 1],
  ['005', 2],
  ['900', 3],
  ['902', 1],
  ['903', 0],
  ['904', 1],
  ['905', 1],
  ['906', 0],
  ['907', 0],
]);

const EXTRA_CAPS = [
  'labeled-response',
  'draft/message-redaction',
  'draft/relaymsg',
  'draft/chathistory',
] as const;

export interface Library {
  readonly server: Server;
  /** Begins registration: CAP LS, PASS, NICK, USER. */
  start(): void;
  /** Hands on a line that the library may see; throws what it throws. */
  feed(line: Line, text: string): void;
}

/** `write` gets each line that the library wants to send. */
export function createLibrary(config: IrcConfig, write: (line: string) => void): Library {
  const client = new framework.Client();
  let transport = new AdapterTransport();
  class Adapter extends AdapterTransport {
    constructor() {
      super();
      transport = this;
    }
    override writeLine(line: string, written?: () => void): void {
      write(line);
      if (written !== undefined) process.nextTick(written);
    }
  }
  client.requestCap(EXTRA_CAPS);
  return {
    server: {
      hasCap: (name) => client.network.cap.isEnabled(name),
      isupport: (token) => client.network.options[token],
    },
    start() {
      client.connect({ ...optionsOf(config), transport: Adapter });
      transport.emit('open');
    },
    feed(line, text) {
      const arity = ARITY.get(line.command);
      if (arity === undefined) return;
      if (line.params.length < arity) throw new Error(`${line.command} without its parameters`);
      transport.emit('line', text);
    },
  };
}

function optionsOf(config: IrcConfig) {
  const { sasl } = config;
  return {
    host: config.host,
    port: portOf(config),
    nick: config.nick,
    username: config.username,
    gecos: config.realname,
    password: config.password,
    account:
      sasl?.mechanism === 'plain' ? { account: sasl.account ?? '', password: sasl.password ?? '' } : {},
    sasl_mechanism: sasl === undefined ? undefined : sasl.mechanism === 'plain' ? 'PLAIN' : 'EXTERNAL',
    version: '',
    auto_reconnect: false,
    ping_interval: 0,
    ping_timeout: 0,
    enable_chghost: true,
    enable_setname: true,
    enable_echomessage: config.confirm === 'auto' || config.confirm === 'echo',
  } as const;
}

/** What the library takes for a socket. Ours is opened, closed and watched elsewhere. */
class AdapterTransport extends EventEmitter {
  connect(): void {}
  writeLine(_line: string, _written?: () => void): void {}
  disposeSocket(): void {}
  close(): void {}
  isConnected(): boolean {
    return true;
  }
  setEncoding(): boolean {
    return true;
  }
}
