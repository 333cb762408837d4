/** What only the owner of a network can do, wherever it was asked for. */
import type { Parts } from './parts.js';

export interface Done {
  readonly ok: true;
}

/** The owner waits 5 s for a network to close, and 10 s for a dead letter to be said. */
export const MOVE_MS = 7_000;
const REPLAY_MS = 12_000;

export interface Asked {
  readonly network: string;
  readonly verb: string;
  readonly body: unknown;
  readonly timeoutMs: number;
}

/** What only the owner of a network can do, done there. */
export async function atOwner<Result>(
  parts: Parts,
  asked: Asked,
  here: () => Promise<Result>,
): Promise<Result> {
  const { network, verb, body, timeoutMs } = asked;
  const { owner } = parts.owners.ownership(network);
  if (owner !== null && owner !== parts.name) {
    return parts.bus.request<Result>(['gateway', owner, verb], body, timeoutMs);
  }
  return here();
}

/** For what answers no more than that it is done. */
export async function doneAtOwner(parts: Parts, asked: Asked, here: () => Promise<void>): Promise<Done> {
  return atOwner<Done>(parts, asked, async () => {
    await here();
    return { ok: true };
  });
}

/** Throws NOT_FOUND, or what its owner throws. */
export async function reconnectAtOwner(parts: Parts, network: string): Promise<void> {
  const found = parts.networks.get(network);
  const errand = { network, verb: 'reconnect', body: { network, relayed: true }, timeoutMs: MOVE_MS };
  await doneAtOwner(parts, errand, () => found.reconnect());
}

/** Throws NOT_FOUND, or what its owner throws. */
export async function replayAtOwner(parts: Parts, network: string, sequence: number): Promise<void> {
  const errand = {
    network,
    verb: 'replay',
    body: { network, sequence, relayed: true },
    timeoutMs: REPLAY_MS,
  };
  await doneAtOwner(parts, errand, () => parts.networks.get(network).replay(sequence));
}
