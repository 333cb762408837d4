export type { FirstOwnerCode } from './access/index.js';
export type { Answer, Call, Caller, CommandInfo } from './call.js';
export { Control, type ControlOptions } from './control.js';
export type { BackboneSeen, GatewayPorts, NetworkSeen, RoomSeen } from './ports.js';
