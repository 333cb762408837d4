/** What `parley start` says once it runs: what, where, and three lines to try. Never a secret. */
import { relative } from 'node:path';
import type { ParleyConfig } from '../config/index.js';
import type { Gateway } from '../gateway/index.js';
import type { Io } from './command.js';
import { isUsualPlace } from './config-source.js';

export interface Running {
  readonly source: string;
  readonly config: ParleyConfig;
  readonly gateway: Gateway;
  /** File that holds the demo's HTTP token, or null. */
  readonly token: string | null;
}

export function showWelcome(io: Io, running: Running): void {
  const { out } = io;
  const places = placesOf(running);
  if (out.json) {
    out.document({ running: Object.fromEntries(places) });
    return;
  }
  out.line(out.style('bold', 'Parley is running. Ctrl-C stops it.'));
  const { absence } = running.gateway.bus;
  if (absence !== null)
    out.line(out.style('red', `  The backbone is away (${absence.reason}): events wait in the spool.`));
  for (const [part, place] of places) out.line(`  ${part.padEnd(9)} ${place}`);
  out.line('\nTry it:');
  for (const line of triesOf(io, running)) out.line(`  ${out.style('cyan', line)}`);
}

function placesOf({ source, config, gateway }: Running): readonly (readonly [string, string])[] {
  const { node, backbone, demo, networks, rooms } = config;
  const backboneAt =
    node === null ? (backbone?.servers.join(', ') ?? '') : `own nats-server, data in ${node.store}`;
  return [
    ['gateway', gateway.name],
    ['config', source],
    ['backbone', backboneAt],
    ['networks', counted([...networks.keys()])],
    ['rooms', counted([...rooms.keys()])],
    ['http', gateway.http ?? 'off'],
    ...(demo === null
      ? []
      : ([['irc demo', `${demo.irc.host}:${demo.irc.port} ${demo.irc.channel}`]] as const)),
  ];
}

const MOST_NAMES = 8;

function counted(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown || 'none';
}

function triesOf({ context }: Io, { source, config, gateway, token }: Running): readonly string[] {
  const [room = 'lobby'] = config.rooms.keys();
  const flag = isUsualPlace(context, source) ? '' : ` -c ${source}`;
  const cli = [
    `npx parley say ${room} hello${flag}`,
    `npx parley tail ${room}${flag}`,
    `npx parley status${flag}`,
  ];
  if (config.demo === null || gateway.http === null || token === null) return cli;
  const { host, port, channel } = config.demo.irc;
  return [
    `irssi --connect=${host} --port=${port} --nick=guest   # then: /join ${channel}`,
    curlLine(gateway.http, room, shortest(context.cwd, token)),
    ...cli.slice(0, 1),
  ];
}

function shortest(cwd: string, path: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') ? path : below;
}

function curlLine(http: string, room: string, token: string): string {
  const headers = `-H "Authorization: Bearer $(cat ${token})" -H 'Content-Type: application/json'`;
  return `curl ${headers} -d '{"text":"hello"}' ${http}/v1/rooms/${encodeURIComponent(room)}/messages`;
}
