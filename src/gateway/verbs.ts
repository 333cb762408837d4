/** What other processes may ask this gateway; the CLI does. */
import { ParleyError, reasonOf } from '../errors.js';
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
  serve('reload', () => recorded(parts, 'reload', 'config', null, () => own.reload()));
  serve('status', async () => own.status());
  serve('source', async () => own.source());
  serve('certificates', () => recorded(parts, 'certificates', name, null, () => reloadNode(parts)));
  serve('replay', (body) => replay(parts, body));
  serve('owners', async () => ownerships(parts));
  serve('move', (body) => move(parts, body));
  serve('drain', () => recorded(parts, 'drain', name, null, () => drain(parts)));
  serve('undrain', () => recorded(parts, 'undrain', name, null, () => undrain(parts)));
  serve('reconnect', (body) => reconnect(parts, body));
  serveNetworkVerbs(parts);
  bus.serveEach(['trace'], (body) => trace(parts, body));
  bus.serveEach(['gateways'], async () => lookOf(parts));
  bus.serveEach(['reload'], () => reloaded(name, own.reload));
}

/**
 * What the CLI had done, on record before it is answered. Who can ask so runs the gateway, and must be able to do it also
 * when the record cannot be written: that is logged. From another gateway (`relayed`) it is on record there.
 */
async function recorded<Result>(
  { bus, log }: Parts,
  action: string,
  target: string,
  at: { readonly network: string; readonly body: unknown } | null,
  act: () => Promise<Result>,
): Promise<Result> {
  if (fieldsOf(at?.body).relayed === true) return act();
  const record = async (outcome: string, detail: object) => {
    const scope = { network: at?.network ?? null, room: null };
    const time = new Date().toISOString();
    const put = bus.audit.put({ time, ...BY_CLI, action, target, scope, detail, outcome });
    await put.catch((error: unknown) =>
      log.warn('an act is not on record', { action, reason: reasonOf(error) }),
    );
  };
  const result = await act().catch(async (error: unknown) => {
    await record('failed', { reason: reasonOf(error) });
    throw error;
  });
  await record('done', {});
  return result;
}

const BY_CLI = { actor: 'cli', name: 'cli', from: 'cli' } as const;

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
  return recorded(parts, 'replay', `dead letter ${sequence}`, { network, body }, async () => {
    await replayAtOwner(parts, network, sequence);
    return { ok: true };
  });
}

async function move(parts: Parts, body: unknown): Promise<Done> {
  const { network, to } = fieldsOf(body);
  if (typeof network !== 'string' || typeof to !== 'string') {
    throw new ParleyError('USAGE', 'move: expected {"network": text, "to": text}');
  }
  parts.networks.get(network);
  const asked = { network, verb: 'move', body: { network, to, relayed: true }, timeoutMs: MOVE_MS };
  return recorded(parts, 'move', `${network} to ${to}`, { network, body }, () =>
    doneAtOwner(parts, asked, () => parts.owners.move(network, to)),
  );
}

async function reconnect(parts: Parts, body: unknown): Promise<Done> {
  const { network } = fieldsOf(body);
  if (typeof network !== 'string') throw new ParleyError('USAGE', 'reconnect: expected {"network": text}');
  return recorded(parts, 'reconnect', network, { network, body }, async () => {
    await reconnectAtOwner(parts, network);
    return { ok: true };
  });
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
