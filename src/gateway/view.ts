/** How a gateway looks from outside: its status, and what its HTTP server knows of it. */
import type { Stored } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { HeardLine, Origin } from '../gate.js';
import type { GatewayView } from '../http/index.js';
import { type ParleyEvent, plainText } from '../message/index.js';
import type { CanaryReport, NetworkStatus } from '../network/index.js';
import type { NodeState } from '../node/index.js';
import type { RoomMember } from '../roster/index.js';
import { traceEvent } from '../trace/index.js';
import { replayAtOwner } from './at-owner.js';
import { looksOf } from './looks.js';
import { ordered } from './operate/index.js';
import type { Parts } from './parts.js';

export interface GatewayStatus {
  readonly gateway: string;
  readonly node: {
    readonly pid: number;
    readonly version: string;
    readonly restarts: number;
    readonly state: NodeState;
  } | null;
  /** Base URL of the HTTP API, or null. */
  readonly http: string | null;
  readonly backbone: Parts['bus']['state'];
  /** Why and since when the backbone cannot be used; null: it can. */
  readonly absence: Parts['bus']['absence'];
  readonly unstored: number;
  readonly spool: Parts['bus']['spool'];
  readonly dropped: Readonly<Record<string, number>>;
  readonly networks: readonly NetworkStatus[];
  /** Null: not switched on. */
  readonly canary: CanaryReport | null;
}

export function statusOf(parts: Parts, extras: Pick<GatewayStatus, 'http' | 'canary'>): GatewayStatus {
  const { name, node, bus, networks } = parts;
  return {
    gateway: name,
    node:
      node === null
        ? null
        : { pid: node.pid, version: node.version, restarts: node.restarts, state: node.state },
    http: extras.http,
    backbone: bus.state,
    absence: bus.absence,
    unstored: bus.unstored,
    spool: bus.spool,
    dropped: networks.dropped(),
    networks: networks.statuses(),
    canary: extras.canary,
  };
}

export function viewOf(parts: Parts, status: () => GatewayStatus): GatewayView {
  const { bus, config } = parts;
  return {
    hasRoom: (room) => config().rooms.has(room),
    rooms: () => [...config().rooms.values()],
    networks: () => networksEverywhere(parts),
    members: (room) => membersIn(parts, room),
    hasNetwork: (network) => config().networks.has(network),
    operate: (errand, who) => ordered(parts, { ...errand, by: who.name }, who),
    node: status,
    say: (event, replayable) => say(parts, event, replayable),
    replay: (network, sequence) => replayAtOwner(parts, network, sequence),
    documents: parts.documents,
    gateways: () => looksOf(parts),
    desk: () => parts.control?.desk ?? null,
    command: (line, asker) => parts.control?.ask(line, asker) ?? null,
    trace: (event) => traceEvent(bus, event, [...config().rooms.keys()]),
  };
}

/** Who is in the channels of a room. */
export function membersIn({ roster, config }: Parts, room: string): readonly RoomMember[] {
  return roster.membersOf(config().rooms.get(room)?.channels ?? []);
}

const OVER_HTTP: Origin = { network: null, mask: null, rank: null };

async function say(parts: Parts, event: ParleyEvent, replayable: boolean): Promise<Stored> {
  const { gate, journal, switchboard } = parts;
  journal.note(event.id, 'heard', '', '', event.subject);
  const refusal = gate.refuses(event, OVER_HTTP);
  if (refusal !== null) throw refused(event, refusal);
  const stored = await switchboard.accept(event, replayable);
  if (!stored.duplicate && event.type === 'chat.message') gate.heard(lineOf(event));
  return stored;
}

function refused({ data, subject }: ParleyEvent, reason: string): ParleyError {
  return new ParleyError('SENDER_REFUSED', `${data.author.name} may not speak in ${subject}: ${reason}`, {
    fix: 'Ask an operator of the room; `bans` there tells what applies.',
  });
}

function lineOf(event: ParleyEvent): HeardLine {
  const { author, text, markup, native } = event.data;
  return {
    ...OVER_HTTP,
    channel: native.channel,
    events: [event],
    author,
    text: plainText(text, markup),
    self: null,
    person: null,
  };
}

/** What another gateway owns as its owner describes it, if that has said so yet. */
export async function networksEverywhere({ bus, networks, log }: Parts): Promise<readonly NetworkStatus[]> {
  const statuses = networks.statuses();
  if (statuses.every(({ state }) => state !== 'standby')) return statuses;
  try {
    const told = await (await bus.bucket<NetworkStatus>('NETWORKS')).entries();
    return statuses.map((status) => {
      const entry = told.get(status.network);
      const isOwners = status.owner !== null && entry?.owner === status.owner && entry.epoch === status.epoch;
      return status.state === 'standby' && entry !== undefined && isOwners ? entry : status;
    });
  } catch (error) {
    log.debug('what other gateways own is not known', { reason: reasonOf(error) });
    return statuses;
  }
}
