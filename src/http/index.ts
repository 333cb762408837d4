export { grantOf, type RouteScope } from './access.js';
export { allows, type Grant } from './grants.js';
export { HttpProblem, PROBLEMS, type ProblemCode } from './problem.js';
export { type HttpOptions, type HttpServer, startHttp } from './server.js';
export { createToken, hashToken, type NewToken, type TokenRecord } from './tokens.js';
export type { GatewayLook, GatewayView, NetworkState, NetworkView, NodeView, RoomView } from './view.js';
