import type { SpoolStatus } from '../../bus/index.js';
import type { GatewayStatus, NetworkAnswer } from '../answers.js';
import type { CommandSpec, CommonOptions, Io } from '../command.js';
import { counted } from '../counted.js';
import { EXIT } from '../exit.js';
import type { Output, Row, Style } from '../output.js';
import { askWithoutLog, isOfBackbone, readConfig, withSession } from '../session.js';

const MEBIBYTE = 1024 * 1024;
const STYLES: Readonly<Record<string, Style>> = {
  connected: 'green',
  opening: 'yellow',
  retrying: 'yellow',
  failed: 'red',
  standby: 'dim',
};

type NodeState = NonNullable<NonNullable<GatewayStatus['node']>['state']>;

interface Usage {
  readonly messages: number;
  readonly bytes: number;
  readonly lastSequence: number;
}

export const statusCommand: CommandSpec = {
  name: 'status',
  summary: 'show what the running gateway does',
  details:
    'Ends with 1 when a network is not connected or not whole, or a path is broken, and with 6 while the backbone is away, so that a script can watch it.',
  examples: [
    ['status', 'gateway, node and every network'],
    ['status --json | jq .networks[].state', 'for a script'],
  ],
  async run(io, _args, options) {
    const { gateway, usage, pingMs } = await ask(io, options);
    if (io.out.json) io.out.document({ ...gateway, pingMs, log: usage });
    else show(io.out, gateway, usage, pingMs);
    const broken = gateway.canary?.broken.length ?? 0;
    const nodeReady = (gateway.node?.state?.kind ?? 'ready') === 'ready';
    const whole = nodeReady && usage !== null && gateway.networks.every(isWhole) && broken === 0;
    if (isAway(gateway)) return EXIT.backbone;
    return whole ? EXIT.ok : EXIT.failed;
  },
};

interface Answers {
  readonly gateway: GatewayStatus;
  /** Null: the log has no leader, or does not answer. */
  readonly usage: Usage | null;
  readonly pingMs: number | null;
}

/** A gateway whose cluster has lost its majority still says how it is. */
async function ask(io: Io, options: CommonOptions): Promise<Answers> {
  try {
    return await withSession(io, options, async (session) => {
      const gateway = await session.ask<GatewayStatus>('status', {});
      const [usage, pingMs] = await Promise.all([session.bus.usage(), session.bus.ping()]);
      return { gateway, usage, pingMs };
    });
  } catch (error) {
    if (!isOfBackbone(error)) throw error;
    const asked = await askWithoutLog<GatewayStatus>(io, options, 'status', {}).catch(() => null);
    const gateway = asked ?? (await readNote(io, options));
    if (gateway === null) throw error;
    return { gateway, usage: null, pingMs: null };
  }
}

/** What it left in a file because nobody can ask it. */
async function readNote(io: Io, options: CommonOptions): Promise<GatewayStatus | null> {
  const { readAwayNote } = await import('../../gateway/index.js');
  return readAwayNote(await readConfig(io, options));
}

/** Started, and its log was never found good; or it was lost. */
function isAway({ absence = null }: GatewayStatus): boolean {
  return absence !== null;
}

/** A network on standby is well when another gateway owns it. */
function isWhole({ state, degraded, owner }: NetworkAnswer): boolean {
  if (state === 'standby') return (owner ?? null) !== null;
  return state === 'connected' && Object.keys(degraded).length === 0;
}

function show(out: Output, status: GatewayStatus, usage: Usage | null, pingMs: number | null): void {
  const { gateway, node, http, unstored, spool, networks, canary = null } = status;
  const roundTrip = pingMs === null ? [] : [`round trip ${pingMs.toFixed(1)} ms`];
  const program =
    node === null
      ? []
      : [`nats-server ${node.version} (pid ${node.pid}, ${counted(node.restarts, 'restart')})`];
  out.table(
    ['PART', 'STATE', 'DETAILS'],
    [
      ['gateway', gateway, http ?? 'no HTTP API'],
      backboneRow(status, [...roundTrip, ...program]),
      ...(node?.state === undefined || node.state.kind === 'ready' ? [] : [nodeRow(node.state)]),
      logRow(usage, unstored),
      // A gateway of an older version says nothing of it.
      ...(spool ? [spoolRow(spool)] : []),
    ],
  );
  if (networks.length === 0) return;
  out.line();
  out.table(['NETWORK', 'BRIDGE', 'STATE', 'IN', 'OUT', 'QUEUED', 'DEAD', 'DETAILS'], networks.map(rowOf));
  if (canary === null) return;
  out.line();
  out.note(`${canary.broken.length} of ${counted(canary.paths, 'path')} broken.`);
  if (canary.broken.length === 0) return;
  out.table(
    ['ROOM', 'FROM', 'TO', 'BROKEN SINCE', 'WHY'],
    canary.broken.map(({ room, from, to, since, reason }) => [room, from, to, since, reason]),
  );
}

function backboneRow({ backbone, absence = null }: GatewayStatus, details: readonly string[]): Row {
  if (absence === null) return ['backbone', toneOf(backbone), details.join(', ')];
  const { code, since, reason } = absence;
  const state = code === null || code === 'BACKBONE_UNAVAILABLE' ? 'away' : code;
  return ['backbone', { text: state, style: 'red' }, [`since ${since}: ${reason}`, ...details].join(', ')];
}

function nodeRow({ kind, up, members }: NodeState): Row {
  return [
    'node',
    { text: kind, style: 'yellow' },
    up === undefined ? '' : `${up} of ${members} nodes are up`,
  ];
}

function logRow(usage: Usage | null, unstored: number): Row {
  if (usage === null) return ['log', { text: 'no answer', style: 'red' }, `${unstored} not stored yet`];
  const size = `${(usage.bytes / MEBIBYTE).toFixed(1)} MiB`;
  return ['log', counted(usage.messages, 'event'), `${size}, ${unstored} not stored yet`];
}

function spoolRow({ events, bytes, maxBytes, since, blocked, refused, damaged }: SpoolStatus): Row {
  const details = [`${(bytes / MEBIBYTE).toFixed(1)} of ${(maxBytes / MEBIBYTE).toFixed(0)} MiB`];
  if (since !== null) details.push(`oldest of ${since}`);
  if (blocked !== null) details.push(`takes no more: ${blocked}`);
  if (refused > 0) details.push(`${refused} refused by the log`);
  if (damaged > 0) details.push(counted(damaged, 'damaged place'));
  const state = counted(events, 'event');
  return ['spool', blocked === null ? state : { text: state, style: 'red' }, details.join(', ')];
}

function rowOf(network: NetworkAnswer): Row {
  const { received, delivered, dead } = network.counters;
  const { bridge, state, queued } = network;
  return [network.network, bridge, toneOf(state), received, delivered, queued, dead, detailsOf(network)];
}

function toneOf(state: string) {
  const style = STYLES[state];
  return style === undefined ? { text: state } : { text: state, style };
}

function detailsOf(network: NetworkAnswer): string {
  const { reason, retryAt, degraded, channels, muted = {}, byCommand = [] } = network;
  const parts = Object.entries(degraded).map(([channel, why]) => `${channel}: ${why}`);
  if (reason !== null) parts.unshift(reason);
  if (retryAt !== null) parts.push(`next attempt ${new Date(retryAt).toTimeString().slice(0, 8)}`);
  for (const [channel, until] of Object.entries(muted)) {
    parts.push(`${channel === '*' ? 'muted' : `${channel} muted`}${until === null ? '' : ` until ${until}`}`);
  }
  const named = channels.map((channel) =>
    byCommand.includes(channel) ? `${channel} (by command)` : channel,
  );
  return parts.length === 0 ? named.join(' ') : parts.join('; ');
}
