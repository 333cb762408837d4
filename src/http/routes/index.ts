import type { FastifyInstance } from 'fastify';
import type { Bus } from '../../bus/index.js';
import type { Grants } from '../grants.js';
import type { Streams } from '../stream/index.js';
import type { GatewayView } from '../view.js';
import { auditRoute } from './audit.js';
import { changeRoutes } from './change.js';
import { commandRoute } from './command.js';
import { configRoutes } from './configs.js';
import { deadRoutes } from './dead.js';
import { deskRoutes } from './desk.js';
import { healthRoutes } from './health.js';
import { historyRoute } from './history.js';
import { meRoute } from './me.js';
import { membersRoute } from './members.js';
import { networkRoutes } from './networks.js';
import { openApiRoute } from './openapi.js';
import { operateRoutes } from './operate.js';
import { roomsRoute } from './rooms.js';
import { sayRoute } from './say.js';
import { streamRoute } from './stream.js';
import { traceRoute } from './trace.js';

export interface ApiParts {
  readonly bus: Bus;
  readonly gateway: GatewayView;
  readonly grants: Grants;
  readonly streams: Streams;
  /** Signs documents; null: there is no key. */
  readonly sign: () => ((bytes: Buffer) => string) | null;
}

/** Registers every route of the API itself. */
export function addApiRoutes(app: FastifyInstance, { bus, gateway, grants, streams, sign }: ApiParts): void {
  healthRoutes(app, gateway, bus, grants);
  openApiRoute(app);
  roomsRoute(app, gateway);
  membersRoute(app, gateway);
  commandRoute(app, gateway);
  deskRoutes(app, gateway);
  configRoutes(app, gateway, sign);
  networkRoutes(app, gateway);
  operateRoutes(app, gateway);
  sayRoute(app, gateway, bus);
  changeRoutes(app, gateway, bus);
  historyRoute(app, gateway, bus);
  streamRoute(app, gateway, bus, streams);
  traceRoute(app, gateway);
  meRoute(app);
  auditRoute(app, bus);
  deadRoutes(app, gateway, bus);
}
