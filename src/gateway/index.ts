export type { FirstOwnerCode } from '../../control-server/index.js';
export { readAwayNote } from './away-note.js';
export type { Gateway, GatewayOptions, ReloadReport } from './gateway.js';
export { startGateway } from './start.js';
