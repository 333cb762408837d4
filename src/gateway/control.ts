/** The control server as a part of the gateway. */
import { Control, type GatewayPorts } from '../../control-server/index.js';
import { type ConfigDiff, formatDiff } from '../config/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import { privateDirectory } from './away-note.js';
import { operate } from './operate/index.js';
import type { Ground, Parts } from './parts.js';
import { membersIn, networksEverywhere } from './view.js';

const RELOAD_MS = 10_000;

/** Null: commands are off. `parts` is asked only once the gateway is put together. */
export function controlOf(ground: Ground, gateway: string, parts: () => Parts): Control | null {
  const { bus, log, config, version } = ground;
  if (config().commands === null) return null;
  return new Control({
    bus,
    log: log.child({ part: 'control' }),
    version,
    gateway: portsOf(gateway, parts),
    config,
    firstOwner: (code) => ground.firstOwner(code),
    copies: privateDirectory(config()),
    documents: ground.documents,
    taken: () => ground.remotes.documents(),
  });
}

function portsOf(gateway: string, parts: () => Parts): GatewayPorts {
  return {
    gateway,
    rooms: () => [...parts().config().rooms.values()],
    networks: () => networksEverywhere(parts()),
    members: (room) => membersIn(parts(), room),
    backbone: () => {
      const { state, absence, unstored } = parts().bus;
      return { state, reason: absence?.reason ?? null, waiting: unstored };
    },
    say: (event) => parts().switchboard.accept(event, false),
    whisper: (network, person, text) => parts().networks.get(network).whisper(person, text),
    self: (network) => parts().networks.selfOn(network),
    identify: async (network, person, mask) =>
      parts()
        .networks.get(network)
        .powers()
        .identify(person, mask ?? undefined),
    people: peopleOf(parts),
    operate: (errand) => operate(parts(), errand),
    reload: () => reloadAll(parts()),
  };
}

function peopleOf(parts: () => Parts): GatewayPorts['people'] {
  const at = (network: string) => parts().networks.get(network).powers();
  return {
    owns: (network) => parts().owners.ownership(network).owner === parts().name,
    ban: async (network, channel, mask, untilMs) => at(network).ban(channel, mask, untilMs),
    unban: async (network, channel, mask) => at(network).unban(channel, mask),
    kick: async (network, channel, person, reason) => at(network).kick(channel, person, reason),
  };
}

async function reloadAll({ bus }: Parts): Promise<readonly string[]> {
  const answers = await bus.requestAll<Reloaded>(['reload'], null, RELOAD_MS);
  return answers.map(({ gateway, text }) => `${gateway}: ${text}`);
}

interface Reloaded {
  readonly gateway: string;
  readonly text: string;
}

/** Answers `parley.reload`, which goes to every gateway. */
export async function reloaded(
  gateway: string,
  reload: () => Promise<{ readonly diff: ConfigDiff }>,
): Promise<Reloaded> {
  try {
    const { diff } = await reload();
    return { gateway, text: diff.empty ? 'nothing changed' : formatDiff(diff) };
  } catch (error) {
    const fix = error instanceof ParleyError && error.fix !== undefined ? `. ${error.fix}` : '';
    return { gateway, text: `not reloaded: ${reasonOf(error)}${fix}` };
  }
}
