export { readBackup } from './archive.js';
export type { BackupInfo, Manifest, Part } from './manifest.js';
export { restoreServers } from './restore-servers.js';
export { type Restored, type RestoreOptions, restoreStore } from './restore-store.js';
export { type BackupSources, takeBackup } from './take.js';
export { refuseHalfRestored } from './unfinished.js';
