import type { Connection } from '../bridge.js';
import { reasonOf } from '../errors.js';
import type { HealthSnapshot } from './health.js';

/** Less than a canary waits by default: the network has to tell why itself. */
const CHECK_MS = 5_000;

export interface Checked {
  readonly channels: readonly string[];
  readonly connection: Connection | null;
  readonly health: HealthSnapshot;
  /** Channels that cannot take anything now. */
  readonly held: readonly string[];
}

/** Why nothing could be said in each channel now; null where it could. Never rejects. */
export async function checkChannels(checked: Checked): Promise<Readonly<Record<string, string | null>>> {
  const found = await Promise.all(
    checked.channels.map(async (channel) => [channel, await faultOf(channel, checked)] as const),
  );
  return Object.fromEntries(found);
}

async function faultOf(channel: string, { connection, health, held }: Checked): Promise<string | null> {
  if (connection === null) return `${health.state}${health.reason === null ? '' : `: ${health.reason}`}`;
  const degraded = Object.hasOwn(health.degraded, channel) ? health.degraded[channel] : undefined;
  if (degraded !== undefined) return degraded;
  if (held.includes(channel)) return 'messages wait: the last one was not taken';
  try {
    await inTime(connection.check?.(channel));
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function inTime(check: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to the check within ${CHECK_MS} ms`)), CHECK_MS);
  });
  await Promise.race([check, late]).finally(() => clearTimeout(timer));
}
