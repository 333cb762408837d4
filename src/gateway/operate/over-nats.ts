/** `parley.network.{network}.{verb}`: any gateway takes it, the owner of the network does it. */
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { VERB_NAMES } from '../../orders/index.js';
import type { Parts } from '../parts.js';
import { type Errand, operate } from './operate.js';
import { ordered } from './ordered.js';

const FROM = 'nats';

export function serveNetworkVerbs(parts: Parts): void {
  const { bus, name } = parts;
  bus.serveBelow(['network'], (rest, body) => asked(parts, rest, body));
  // From another gateway, which has put it on record.
  bus.serve(['gateway', name, 'operate'], (body) => operate(parts, relayed(body)));
}

async function asked(parts: Parts, rest: readonly (string | null)[], body: unknown): Promise<object> {
  const [network, word, ...more] = rest;
  const verb = VERB_NAMES.find((each) => each === word);
  if (network === undefined || network === null || verb === undefined || more.length > 0) throw unknown();
  const { by, fields } = signed(body);
  const errand = { network, verb, body: fields, by: by ?? FROM };
  return ordered(parts, errand, { actor: FROM, name: errand.by, from: FROM });
}

const errandSpec = z.object({
  network: z.string(),
  verb: z.enum(VERB_NAMES),
  body: z.unknown(),
  by: z.string(),
});

function relayed(body: unknown): Errand {
  const { success, data } = errandSpec.safeParse(body);
  if (success) return data;
  throw new ParleyError('USAGE', 'operate: expected {"network", "verb", "body", "by"}', {
    fix: 'Ask parley.network.{network}.{verb}: this is how gateways pass it on.',
  });
}

/** `by`: the name of who asks, for the record. */
function signed(body: unknown): { readonly by: string | null; readonly fields: unknown } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { by: null, fields: body };
  const { by, ...fields } = body as { readonly by?: unknown };
  return { by: typeof by === 'string' && by !== '' ? by.slice(0, 100) : null, fields };
}

function unknown(): ParleyError {
  return new ParleyError('USAGE', 'expected parley.network.{network}.{verb}', {
    fix: `Verbs are ${VERB_NAMES.join(', ')}; the name of the network is encoded as in docs/control.md.`,
  });
}
