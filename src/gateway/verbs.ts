/** What other processes may ask this gateway; the CLI does. */
import { ParleyError } from '../errors.js';
import type { Ownership } from '../ownership/index.js';
import { roomIn, type TraceAnswer } from '../trace/index.js';
import { type Done, doneAtOwner, MOVE_MS, reconnectAtOwner, replayAtOwner } from './at-owner.js';
import { reloaded } from './control.js';
import type { ReloadReport } from './gateway.js';
import { lookOf } from './looks.js';
import { serveNetworkVerbs } from './operate/index.js';
import type { Parts } from './parts.js';

/** What the gateway answers about itself. */
export interface OwnVerbs {
  readonly reload: () => Promise<ReloadReport>;
  readonly status: () => unknown;
  readonly source: () => unknown;
}

export function serveVerbs(parts: Parts, own: OwnVerbs): void {
  const { bus, name } = parts;
  const serve = (verb: string, answer: (body: unknown) => Promise<unknown>) =>
    bus.serve(['gateway', name, verb], answer);
  serve('reload', () => own.reload());
  serve('status', async () => own.status());
  serve('source', async () => own.source());
  serve('certificates', () => reloadNode(parts));
  serve('replay', (body) => replay(parts, body));
  serve('owners', async () => ownerships(parts));
  serve('move', (body) => move(parts, body));
  serve('drain', () => drain(parts));
  serve('undrain', () => undrain(parts));
  serve('reconnect', (body) => reconnect(parts, body));
  serveNetworkVerbs(parts);
  bus.serveEach(['trace'], (body) => trace(parts, body));
  bus.serveEach(['gateways'], async () => lookOf(parts));
  bus.serveEach(['reload'], () => reloaded(name, own.reload));
}

/** The node reads its certificates and users again. */
async function reloadNode({ node }: Parts): Promise<Done> {
  await node?.reload();
  return { ok: true };
}

async function replay(parts: Parts, body: unknown): Promise<Done> {
  const { network, sequence } = fieldsOf(body);
  if (typeof network !== 'string' || typeof sequence !== 'number') {
    throw new ParleyError('USAGE', 'replay: expected {"network": text, "sequence": number}');
  }
  await replayAtOwner(parts, network, sequence);
  return { ok: true };
}

async function move(parts: Parts, body: unknown): Promise<Done> {
  const { network, to } = fieldsOf(body);
  if (typeof network !== 'string' || typeof to !== 'string') {
    throw new ParleyError('USAGE', 'move: expected {"network": text, "to": text}');
  }
  parts.networks.get(network);
  return doneAtOwner(parts, { network, verb: 'move', body, timeoutMs: MOVE_MS }, () =>
    parts.owners.move(network, to),
  );
}

async function reconnect(parts: Parts, body: unknown): Promise<Done> {
  const { network } = fieldsOf(body);
  if (typeof network !== 'string') throw new ParleyError('USAGE', 'reconnect: expected {"network": text}');
  await reconnectAtOwner(parts, network);
  return { ok: true };
}

async function drain({ owners }: Parts): Promise<Done> {
  await owners.drain();
  return { ok: true };
}

async function undrain({ owners }: Parts): Promise<Done> {
  owners.undrain();
  return { ok: true };
}

function ownerships({ name, owners }: Parts): {
  readonly gateway: string;
  readonly drained: boolean;
  readonly owners: readonly Ownership[];
} {
  return { gateway: name, drained: owners.away, owners: owners.ownerships() };
}

async function trace({ name, journal, config }: Parts, body: unknown): Promise<TraceAnswer> {
  const { event } = fieldsOf(body);
  if (typeof event !== 'string') throw new ParleyError('USAGE', 'trace: expected {"event": text}');
  const steps = await journal.find(event);
  const channels = config().rooms.get(roomIn(steps) ?? '')?.channels ?? [];
  const speaking = channels.filter(({ direction }) => direction !== 'in');
  return {
    gateway: name,
    steps,
    channels: speaking.map(({ network, channel }) => ({ network, channel })),
  };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return (body ?? {}) as Readonly<Record<string, unknown>>;
}
