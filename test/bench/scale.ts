import { BRIDGES } from '../../bridges/index.js';
import { diffConfig, loadConfig } from '../../src/config/index.js';
import { newId, type ParleyEvent } from '../../src/message/index.js';
import { compileRoutes } from '../../src/routing/index.js';
import type { Figure } from './report.js';

/** Many rooms on many networks: the cost of checking, reloading and routing. */
export async function scale(
  write: (name: string, text: string) => Promise<string>,
): Promise<readonly Figure[]> {
  const small = await check(await write('small.yaml', configOf(10, 5)));
  const large = await check(await write('large.yaml', configOf(1_000, 50)));
  const added = await check(await write('added.yaml', configOf(1_001, 50)));
  const reloadStartedMs = performance.now();
  diffConfig(large.config, added.config);
  compileRoutes(added.config.rooms);
  const applyMs = performance.now() - reloadStartedMs;
  const smallUs = routingUs(small.config);
  const largeUs = routingUs(large.config);
  return [
    {
      section: 'scale',
      name: 'check 1,000 rooms, 50 networks',
      value: large.ms,
      unit: 'ms',
      target: { sign: '<=', value: 1_000 },
    },
    {
      section: 'scale',
      name: 'diff and routes for one added room',
      value: applyMs,
      unit: 'ms',
      target: { sign: '<=', value: 100 },
    },
    { section: 'scale', name: 'routing one message, 10 rooms', value: smallUs, unit: 'us' },
    {
      section: 'scale',
      name: 'routing one message, 1,000 rooms',
      value: largeUs,
      unit: 'us',
      timesFloor: largeUs / smallUs,
    },
  ];
}

async function check(source: string) {
  const startedMs = performance.now();
  const { config } = await loadConfig({
    source,
    env: {},
    cwd: '/',
    bridges: async (kind) => (await BRIDGES[kind]?.())?.default ?? null,
    kinds: Object.keys(BRIDGES),
  });
  return { config, ms: performance.now() - startedMs };
}

function routingUs(config: Awaited<ReturnType<typeof check>>['config']): number {
  const routes = compileRoutes(config.rooms);
  const event = eventIn('room3');
  const rounds = 200_000;
  for (let i = 0; i < rounds; i++) routes.targetsOf(event, 'net1');
  const startedMs = performance.now();
  for (let i = 0; i < rounds; i++) routes.targetsOf(event, 'net1');
  return ((performance.now() - startedMs) / rounds) * 1000;
}

function configOf(rooms: number, networks: number): string {
  const names = Array.from({ length: networks }, (_, i) => `net${i}`);
  const network = (name: string) =>
    `  ${name}: { bridge: irc, host: 127.0.0.1, port: 6667, tls: false, nick: parley }`;
  const room = (_: unknown, i: number) =>
    `  room${i}: { channels: [ { net${i % networks}: "#r${i}" }, { net${(i + 1) % networks}: "#r${i}" } ] }`;
  return [
    'node: { name: bench, listen: "127.0.0.1:auto", store: ./data }',
    'networks:',
    ...names.map(network),
    'rooms:',
    ...Array.from({ length: rooms }, room),
    '',
  ].join('\n');
}

function eventIn(room: string): ParleyEvent {
  return {
    specversion: '1.0',
    id: newId(),
    source: '/networks/net3/channels/=23r3',
    type: 'chat.message',
    subject: room,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      author: { id: 'irc:net3:host:a', name: 'a', verified: false },
      text: 'hello',
      markup: 'plain',
      native: { id: null, channel: '#r3' },
      replyTo: null,
      attachments: [],
      hops: ['net3'],
    },
  };
}
