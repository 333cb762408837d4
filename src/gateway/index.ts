export type { Gateway, GatewayOptions, ReloadReport } from './gateway.js';
export { startGateway } from './start.js';
