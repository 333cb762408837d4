import type { Bus } from '../../bus/index.js';
import { reasonOf } from '../../errors.js';
import { cutBytes } from '../../message/index.js';
import type { Errand } from './operate.js';

export interface Who {
  /** Author id. */
  readonly actor: string;
  readonly name: string;
  /** `nats`, `http`. */
  readonly from: string;
}

/** Done or failed, it is on record before it is answered. */
export async function audited<Result>(
  bus: Pick<Bus, 'audit'>,
  who: Who,
  { network, verb, body }: Omit<Errand, 'by'>,
  act: () => Promise<Result>,
): Promise<Result> {
  const record = (outcome: 'done' | 'failed', detail: object) =>
    bus.audit.put({
      time: new Date().toISOString(),
      ...who,
      action: verb,
      target: targetOf(network, body),
      scope: { network, room: null },
      detail: { ...detailOf(body), ...detail },
      outcome,
    });
  let result: Result;
  try {
    result = await act();
  } catch (error) {
    await record('failed', { reason: reasonOf(error) });
    throw error;
  }
  await record('done', {});
  return result;
}

function targetOf(network: string, body: unknown): string {
  const channel: unknown = Object(body).channel;
  return typeof channel === 'string' ? `${network} ${channel.slice(0, 300)}` : network;
}

/** What was asked for; of a long text only the beginning. */
function detailOf(body: unknown): object {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      typeof value === 'string' ? cutBytes(value, 500, '…') : value,
    ]),
  );
}
