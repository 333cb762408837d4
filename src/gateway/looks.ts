/** How the gateways of a backbone look to each other: enough for a table of them. */
import type { GatewayLook } from '../http/index.js';
import type { Parts } from './parts.js';

/** One that does not answer by then is away, or stands still. */
const ASK_MS = 2_000;

export function lookOf({ name, version, node, bus, networks }: Parts): GatewayLook {
  return {
    gateway: name,
    version,
    server: node?.version ?? null,
    backbone: bus.state,
    reason: bus.absence?.reason ?? null,
    waiting: bus.unstored,
    uptime: Math.round(process.uptime()),
    memory: process.memoryUsage.rss(),
    networks: networks
      .statuses()
      .filter(({ owner }) => owner === name)
      .map(({ network }) => network),
  };
}

/** By name. One that cannot ask the others tells of itself. */
export async function looksOf(parts: Parts): Promise<readonly GatewayLook[]> {
  const own = lookOf(parts);
  const answers = await parts.bus.requestAll<GatewayLook>(['gateways'], null, ASK_MS).catch(() => []);
  const others = answers.filter(({ gateway }) => gateway !== own.gateway);
  return [own, ...others].sort((a, b) => (a.gateway < b.gateway ? -1 : 1));
}
