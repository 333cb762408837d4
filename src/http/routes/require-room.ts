import { HttpProblem } from '../problem.js';
import type { GatewayView } from '../view.js';

/** Throws HttpProblem ROOM_UNKNOWN. */
export function requireRoom(gateway: GatewayView, name: string): void {
  if (gateway.hasRoom(name)) return;
  throw new HttpProblem('ROOM_UNKNOWN', `There is no room ${JSON.stringify(name)}.`, {
    fix: 'See GET /v1/rooms; add the room to the config.',
  });
}
