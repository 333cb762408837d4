/** One entry of `rooms.<room>.channels`: the network's name with the channel, and what may stand beside it. */
import { z } from 'zod';
import type { BridgeSpec } from './bridge-spec.js';
import type { CheckedNetwork } from './check-networks.js';
import { channelSpec } from './network-spec.js';
import type { Surroundings } from './prepare.js';
import { keysOf, strict } from './schema-walk.js';
import { rememberSecrets } from './secrets.js';
import { isEmpty, type MapNode, type Path, pick, type SourceNode } from './source-node.js';
import { didYouMean } from './suggest.js';
import type { RoomChannel } from './types.js';
import { validate } from './validate.js';
import { describe } from './wording.js';

const CORE_KEYS = keysOf(channelSpec);
const NO_OPTIONS = z.strictObject({});
const ENTRY = 'one network with its channel, such as `quakenet: "#quakeworld"`';

export class ChannelChecker {
  readonly #networks: ReadonlyMap<string, CheckedNetwork>;
  readonly #around: Surroundings;

  constructor(networks: ReadonlyMap<string, CheckedNetwork>, around: Surroundings) {
    this.#networks = networks;
    this.#around = around;
  }

  /** The channel, or null after its faults were reported. */
  check(node: SourceNode, path: Path): RoomChannel | null {
    const { faults } = this.#around;
    if (node.kind !== 'map') {
      faults.add(node.start, path, { expected: ENTRY, got: describe(node) });
      return null;
    }
    const network = this.#networkOf(node, path);
    if (network === null) return null;
    const bridge = this.#networks.get(network)?.bridge ?? null;
    const channel = this.#channelOf(node.entries.get(network), bridge, [...path, network]);
    const core = validate(
      channelSpec,
      pick(node, (key) => CORE_KEYS.includes(key)),
      path,
      this.#around,
    );
    const rest = pick(node, (key) => key !== network && !CORE_KEYS.includes(key));
    const options = bridge === null ? {} : this.#optionsOf(bridge, rest, path);
    if (channel === null || core === undefined || options === null) return null;
    return {
      network,
      channel,
      options,
      direction: core.direction,
      filter: core.filter,
      show: core.show ?? null,
    };
  }

  /** Reports entries that repeat the channel of an earlier one. */
  refuseTwice(nodes: readonly SourceNode[], channels: readonly (RoomChannel | null)[], path: Path): void {
    const seen = new Map<string, number>();
    for (const [index, found] of channels.entries()) {
      if (found === null) continue;
      const address = `${found.network} ${found.channel}`;
      const first = seen.get(address);
      if (first === undefined) seen.set(address, index);
      else {
        this.#around.faults.add(nodes[index]?.start ?? 0, [...path, index], {
          expected: 'each channel once in a room',
          got: `${found.network} ${JSON.stringify(found.channel)} again, after channels[${first}]`,
          hint: 'Remove one of them.',
        });
      }
    }
  }

  #networkOf(node: MapNode, path: Path): string | null {
    const keys = [...node.entries.keys()];
    const named = keys.filter((key) => this.#networks.has(key));
    const [name, second] = named;
    if (name !== undefined && second === undefined) return name;
    const { faults } = this.#around;
    if (second !== undefined) {
      const hint = 'Start a new entry with "- " for each.';
      const at = node.entries.get(second)?.key ?? node.start;
      faults.add(at, [...path, second], { expected: ENTRY, got: `two: "${name}" and "${second}"`, hint });
      return null;
    }
    const unknown = keys.find((key) => !CORE_KEYS.includes(key));
    if (unknown === undefined) {
      faults.add(node.start, path, { expected: ENTRY, got: 'no network' });
      return null;
    }
    const known = [...this.#networks.keys()];
    faults.add(node.entries.get(unknown)?.key ?? node.start, [...path, unknown], {
      expected: 'the name of a network',
      got: JSON.stringify(unknown.slice(0, 80)),
      hint: didYouMean(unknown, known) || `Networks are: ${known.slice(0, 10).join(', ') || 'none'}.`,
    });
    return null;
  }

  #channelOf(node: SourceNode | undefined, bridge: BridgeSpec | null, path: Path): string | null {
    if (node === undefined) return null;
    if (node.kind === 'scalar' && node.faulty) return null;
    if (node.kind === 'scalar' && typeof node.value === 'string') {
      const refused = bridge?.checkChannel(node.value) ?? null;
      if (refused === null) return node.value;
      const expected = refused.replace(/^expected /, '').replace(/\.$/, '');
      this.#around.faults.add(node.start, path, { expected, got: describe(node) });
      return null;
    }
    const hint = isEmpty(node) ? 'Put quotes around it: # starts a comment.' : 'Put quotes around it.';
    this.#around.faults.add(node.start, path, { expected: 'a channel', got: describe(node), hint });
    return null;
  }

  #optionsOf(bridge: BridgeSpec, rest: MapNode, path: Path): Readonly<Record<string, unknown>> | null {
    const spec = strict(bridge.channelOptions ?? NO_OPTIONS) as z.ZodType<Record<string, unknown>>;
    const options = validate(spec, rest, path, this.#around, CORE_KEYS);
    if (options === undefined) return null;
    rememberSecrets(options, rest);
    return options;
  }
}
