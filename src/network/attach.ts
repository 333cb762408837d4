import type { Channel, Connection } from '../bridge.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';

/** Leaves the channels that are no longer wanted and joins the new ones; options that changed do both. Never throws. */
export async function changeChannels(
  connection: Connection,
  before: readonly Channel[],
  wanted: readonly Channel[],
  log: Logger,
): Promise<void> {
  const had = new Set(before.map(keyOf));
  const has = new Set(wanted.map(keyOf));
  const changes = [
    ...before.filter((channel) => !has.has(keyOf(channel))).map((channel) => connection.detach(channel)),
    ...wanted.filter((channel) => !had.has(keyOf(channel))).map((channel) => connection.attach(channel)),
  ];
  for (const change of await Promise.allSettled(changes)) {
    if (change.status === 'rejected') log.warn('channel change failed', { reason: reasonOf(change.reason) });
  }
}

function keyOf({ address, options }: Channel): string {
  return JSON.stringify([address, options]);
}
