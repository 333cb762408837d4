import type { NodeConfig } from '../config/index.js';
import { encodeToken } from '../message/index.js';
import type { Credentials, StoreFiles } from './store.js';

const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Outbound bytes that the server keeps for a slow client before it drops the connection. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

/** The configuration file of nats-server. `port` null: any free one. */
export function serverConfig(
  node: NodeConfig,
  files: StoreFiles,
  credentials: Credentials,
  port: number | null,
): string {
  return `# Written by Parley at every start; changes here are lost.
server_name: ${quoted(encodeToken(node.name))}
host: ${quoted(node.listen.host)}
port: ${port ?? -1}
pid_file: ${quoted(files.serverPid)}
max_payload: ${MAX_PAYLOAD_BYTES}
max_pending: ${MAX_PENDING_BYTES}
jetstream { store_dir: ${quoted(files.jetstream)} }
authorization { user: ${quoted(credentials.user)}, password: ${quoted(credentials.password)} }
`;
}

/** Double quotes keep nats-server from reading `$NAME` as a variable or `1K` as a number. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
