/** Questions about the state of things: everybody may ask. */
import type { Answer } from '../call.js';
import type { Command } from '../command.js';
import { ago } from '../duration.js';
import type { FrontCounters } from '../front.js';
import type { GatewayPorts, NetworkSeen } from '../ports.js';
import { info } from './info.js';

interface Parts {
  readonly gateway: GatewayPorts;
  readonly version: string;
  readonly counters: () => FrontCounters;
  /** When this gateway began: ms of a steady clock. */
  readonly startedMs: number;
}

export function stateCommands(parts: Parts): readonly Command[] {
  const { gateway } = parts;
  return [
    {
      info: info({ name: 'ping', help: 'Answers, and tells how long the question was under way.' }),
      run: ({ time }) => ({
        lines: [`pong from ${gateway.gateway}, ${Math.max(0, Date.now() - Date.parse(time))} ms`],
      }),
    },
    {
      info: info({ name: 'version', help: 'Tells which Parley this is.' }),
      run: () => ({
        lines: [`Parley ${parts.version} on Node.js ${process.versions.node}, gateway ${gateway.gateway}`],
      }),
    },
    {
      info: info({ name: 'status', help: 'Tells how the networks and the backbone are.', cooldownMs: 3000 }),
      run: () => status(parts),
    },
    {
      info: info({
        name: 'networks',
        usage: '[network]',
        help: 'Lists the networks with their state, or tells more about one.',
        examples: ['networks quakenet'],
      }),
      run: async ({ args: [name] }) => networks(await gateway.networks(), name),
    },
    {
      info: info({ name: 'rooms', usage: '[room]', help: 'Lists the rooms, or the channels of one.' }),
      run: ({ args: [name] }) => rooms(gateway, name),
    },
    {
      info: info({ name: 'stats', help: 'Counts what the networks and commands did since their start.' }),
      run: async () => stats(parts, await gateway.networks()),
    },
  ];
}

async function status({ gateway }: Parts): Promise<Answer> {
  const networks = await gateway.networks();
  const bad = networks.filter(({ state }) => state !== 'connected');
  const { state, reason, waiting } = gateway.backbone();
  const backbone = state === 'connected' ? 'backbone connected' : `backbone away: ${reason ?? state}`;
  const kept = waiting === 0 ? '' : `, ${waiting} events wait here`;
  const summary = `${networks.length - bad.length} of ${networks.length} networks connected, ${backbone}${kept}.`;
  return { lines: [summary, ...bad.map(describe)] };
}

function describe({ network, state, reason, since }: NetworkSeen): string {
  return `${network}: ${state} for ${ago(since)}${reason === null ? '' : ` (${reason})`}`;
}

function networks(seen: readonly NetworkSeen[], name: string | undefined): Answer {
  if (name === undefined) {
    return {
      lines: [
        seen.map(({ network, state }) => `${network} (${state})`).join(', ') || 'There are no networks.',
      ],
    };
  }
  const network = seen.find((each) => each.network.toLowerCase() === name.toLowerCase());
  if (network === undefined) return { lines: [`There is no network "${name}". "networks" lists them.`] };
  const { bridge, owner, lag, queued, counters, muted } = network;
  return {
    lines: [
      describe(network),
      `${bridge}, owner ${owner ?? 'none'}, ${counters.received} heard, ${counters.delivered} said, ${lag + queued} waiting, ${counters.dead} dead letters`,
      ...Object.entries(muted ?? {}).map(mutedWords),
    ],
  };
}

function mutedWords([channel, until]: readonly [string, string | null]): string {
  const what = channel === '*' ? 'Nothing' : `Nothing of ${channel}`;
  return `${what} is relayed ${until === null ? 'until somebody says "unmute-network"' : `until ${until}`}.`;
}

function rooms({ rooms: all }: GatewayPorts, name: string | undefined): Answer {
  if (name === undefined)
    return {
      lines: [
        all()
          .map((room) => room.name)
          .join(', ') || 'There are no rooms.',
      ],
    };
  const room = all().find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (room === undefined) return { lines: [`There is no room "${name}". "rooms" lists them.`] };
  const channels = room.channels.map(
    ({ network, channel, byCommand }) =>
      `${channel} on ${network}${byCommand === true ? ' (by command)' : ''}`,
  );
  return { lines: [`${room.name}: ${channels.join(', ')}`] };
}

function stats({ counters, startedMs }: Parts, networks: readonly NetworkSeen[]): Answer {
  const { calls, answered, refused, failed, dropped } = counters();
  const heard = networks.reduce((sum, each) => sum + each.counters.received, 0);
  const said = networks.reduce((sum, each) => sum + each.counters.delivered, 0);
  const hours = ((performance.now() - startedMs) / 3_600_000).toFixed(1);
  return {
    lines: [
      `${heard} lines heard, ${said} said by ${networks.length} networks.`,
      `Commands here in ${hours} h: ${calls} calls, ${answered} answered, ${refused} refused, ${failed} failed, ${dropped} too many.`,
    ],
  };
}
