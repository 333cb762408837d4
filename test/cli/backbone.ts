import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Bus, connectBus } from '../../src/bus/index.js';
import { silentLogger } from '../../src/log.js';
import { newId, type ParleyEvent } from '../../src/message/index.js';
import { temporaryDirectory } from '../peers/index.js';
import { type NatsPeer, startNats } from '../peers/nats.js';
import { type Answer, parley } from './run-parley.js';

const MEBIBYTE = 1024 * 1024;
const HISTORY = { maxAgeMs: 3_600_000, maxBytes: 64 * MEBIBYTE, replicas: 1 } as const;

export interface Backbone {
  readonly nats: NatsPeer;
  readonly bus: Bus;
  /** Folder with a `parley.yaml` that names the backbone, network `net` and room `lobby`. */
  readonly cwd: string;
  run(...args: readonly string[]): Promise<Answer>;
  /** Answers as the gateway of this config would. */
  serve(verb: string, answer: (body: unknown) => unknown): void;
}

/** A real nats-server and a config for it; the test itself plays the gateway. */
export async function startBackbone(t: ExecutionContext): Promise<Backbone> {
  const nats = await startNats(t);
  const { address } = nats;
  const bus = await connectBus({ address, prefix: 'parley', history: HISTORY, name: 'test' }, silentLogger);
  t.teardown(() => bus.close(0));
  const cwd = await temporaryDirectory(t, 'cli');
  await writeFile(join(cwd, 'parley.yaml'), configFor(address.servers));
  return {
    nats,
    bus,
    cwd,
    run: (...args) => parley(args, { cwd }),
    serve: (verb, answer) => void bus.serve(['gateway', hostname(), verb], async (body) => answer(body)),
  };
}

function configFor(servers: readonly string[]): string {
  return `backbone: { servers: ${JSON.stringify(servers)} }
networks:
  net: { bridge: irc, host: 127.0.0.1, port: 6667, tls: false, nick: relay }
rooms:
  lobby:
    channels:
      - net: "#lobby"
`;
}

export function spoken(text: string, given: Partial<ParleyEvent> = {}): ParleyEvent {
  return {
    specversion: '1.0',
    id: newId(),
    source: '/networks/net/channels/=23lobby',
    type: 'chat.message',
    subject: 'lobby',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: { id: 'irc:net:nick:alice', name: 'alice', verified: false },
      text,
      markup: 'plain',
      native: { id: null, channel: '#lobby' },
      replyTo: null,
      attachments: [],
      hops: ['net'],
    },
    ...given,
  };
}
