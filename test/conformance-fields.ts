/** The part of the conformance suite that is about the fields of a bridge's config. */
import type { ExecutionContext } from 'ava';
import { field } from '../src/bridge.js';
import type { Conformance } from './conformance.js';
import type { AnyBridge } from './peers/lent-network.js';

/** Each has a description. */
export function describesFields(t: ExecutionContext, bridge: AnyBridge): void {
  const schema = field.toJSONSchema(bridge.config, { io: 'input', unrepresentable: 'any' });
  const bare = Object.entries(schema.properties ?? {}).filter(
    ([, spec]) => typeof spec !== 'object' || !spec.description,
  );
  t.deepEqual(
    bare.map(([key]) => key),
    [],
    'fields without a description',
  );
}

/** `path` may go into objects: `sasl.account`. An array holds several wrong values. */
export async function refusesField(
  t: ExecutionContext,
  subject: Conformance,
  path: string,
  value: unknown,
): Promise<void> {
  const { bridge, peer } = subject;
  const right = (await peer.start(t)).config();
  t.true(bridge.config.safeParse(right).success, 'the right config is accepted');
  for (const wrong of Array.isArray(value) ? value : [value]) {
    const result = bridge.config.safeParse(withValue(right, path.split('.'), wrong));
    const issue = result.error?.issues.find(
      (one) => one.path.join('.').startsWith(path) || path.startsWith(one.path.join('.')),
    );
    t.truthy(issue?.message, `${path}: ${JSON.stringify(wrong)} is refused with a message about it`);
  }
}

function withValue(
  config: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key = '', ...rest] = path;
  const inner = config[key];
  const below = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  return { ...config, [key]: rest.length === 0 ? value : withValue(below, rest, value) };
}
