export type { RoomMember, RosterEntry } from './entry.js';
export { RosterReport } from './report.js';
export { RosterTable } from './table.js';
