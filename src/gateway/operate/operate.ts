/** What operators can have done to a network, done by whoever owns it: see orders/verbs.ts for the verbs and their bodies. */
import { ParleyError } from '../../errors.js';
import { emptied } from '../../network/index.js';
import { VERBS, type Verb, type VerbBody } from '../../orders/index.js';
import { atOwner, MOVE_MS } from '../at-owner.js';
import type { Parts } from '../parts.js';
import { join, leave } from './channels.js';

/** Longer ones wait behind others, and are said all the same. */
const SAY_MS = 10_000;
const EMPTY_MS = 10_000;
/** A channel that is entered at last, or a queue that is said at last, and then a network that closes. */
const ANSWER_MS = EMPTY_MS + MOVE_MS;

export interface Errand {
  readonly network: string;
  readonly verb: Verb;
  /** As in `VERBS`, unchecked. */
  readonly body: unknown;
  /** Who ordered it, for people. */
  readonly by: string;
}

/** Throws USAGE, NOT_FOUND, CHANNEL_CONFIGURED, NOT_OWNER, NETWORK_UNAVAILABLE, DELIVERY_FAILED, BACKBONE_UNAVAILABLE. */
export async function operate(parts: Parts, errand: Errand): Promise<object> {
  const { network } = errand;
  checkBody(errand);
  parts.networks.get(network);
  const asked = { network, verb: 'operate', body: errand, timeoutMs: ANSWER_MS };
  return atOwner(parts, asked, () => here(parts, errand));
}

/** Throws USAGE. */
export function checkBody({ verb, body }: Pick<Errand, 'verb' | 'body'>): void {
  const { success, error } = VERBS[verb].safeParse(body ?? {});
  if (success) return;
  const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new ParleyError('USAGE', `${verb}: ${faults.join('; ')}`, {
    fix: `It takes ${Object.keys(VERBS[verb].shape).join(', ') || 'nothing'}: see docs/control.md.`,
  });
}

type Work<V extends Verb> = (parts: Parts, network: string, body: VerbBody<V>, by: string) => Promise<object>;
type AnyWork = (parts: Parts, network: string, body: object, by: string) => Promise<object>;

const WORK: { readonly [V in Verb]: Work<V> } = {
  status: async ({ networks }, network) => networks.get(network).status(),
  names: async ({ networks }, network, { channel }) => {
    const known = attached({ networks }, network, channel);
    const members = networks.get(network).owned().members(known);
    return {
      channel: known,
      members: members.map(({ name, rank, bot }) => ({ name, rank: rank ?? null, bot: bot === true })),
    };
  },
  join,
  leave,
  reconnect: async ({ networks }, network) => {
    await networks.get(network).reconnect();
    return { network };
  },
  say: async ({ networks }, network, { channel, text }) => {
    const known = attached({ networks }, network, channel);
    await inTime(networks.get(network).owned().sayIn(known, text), network, known);
    return { channel: known };
  },
  mute: async ({ orders, networks }, network, { channel: named, for: forMs, reason = '' }, by) => {
    const channel = named === undefined ? null : attached({ networks }, network, named);
    const now = Date.now();
    const until = forMs === undefined ? null : new Date(now + forMs).toISOString();
    await orders.put({ kind: 'mute', network, channel, reason, by, at: new Date(now).toISOString(), until });
    return { channel, until };
  },
  unmute: async ({ orders }, network, { channel: named = null }) => {
    // The channel may be in no room any more.
    const isIt = (channel: string | null) => folded(channel ?? '', named ?? '');
    const channel = orders.mutesOn(network).find((mute) => isIt(mute.channel))?.channel ?? named;
    if (await orders.take({ kind: 'mute', network, channel })) return { channel };
    throw new ParleyError('NOT_FOUND', `${named ?? 'all'} of ${network} is not muted`, {
      fix: `Ask for the status of ${network}: it names what is muted.`,
    });
  },
  drain,
};

async function here(parts: Parts, { network, verb, body, by }: Errand): Promise<object> {
  const checked: object = VERBS[verb].parse(body ?? {});
  return (WORK[verb] as AnyWork)(parts, network, checked, by);
}

/** As the config, or the order, spells it. Throws NOT_FOUND. */
function attached({ networks }: Pick<Parts, 'networks'>, network: string, channel: string): string {
  const { channels } = networks.get(network).status();
  const found = channels.find((each) => each === channel) ?? channels.find((each) => folded(each, channel));
  if (found !== undefined) return found;
  throw new ParleyError('NOT_FOUND', `${network} has no channel ${channel} in a room`, {
    fix: channels.length === 0 ? 'Join it first.' : `It has ${channels.slice(0, 20).join(', ')}.`,
  });
}

function folded(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

async function inTime(saying: Promise<void>, network: string, channel: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ParleyError(
      'NETWORK_UNAVAILABLE',
      `${network}: not said in ${channel} within ${SAY_MS / 1000} s`,
      { fix: 'It waits behind others and is said when it is its turn: do not say it again.' },
    );
    timer = setTimeout(() => reject(error), SAY_MS);
  });
  saying.catch(() => {});
  await Promise.race([saying, late]).finally(() => clearTimeout(timer));
}

/**
 * What waits is said, then the network is another gateway's, or closed where there is none. What is left waits in the log
 * for whoever has it next.
 */
async function drain({ networks, owners, name }: Parts, network: string): Promise<object> {
  const running = networks.get(network);
  running.owned();
  const left = await emptied(() => running.status(), EMPTY_MS);
  const to = owners.ownership(network).standby.find((gateway) => gateway !== name) ?? null;
  if (to !== null) await owners.move(network, to);
  else await running.owned().close('drained: `reconnect` opens it again');
  return { to, left };
}
