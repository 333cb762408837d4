import type { ErrorCode } from '../errors.js';

/** Exit codes of the `parley` program; docs/cli.md explains them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  notFound: 4,
  machine: 5,
  backbone: 6,
  /** A fault in Parley itself (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  BACKBONE_CONFLICT: EXIT.backbone,
  BACKBONE_DENIED: EXIT.backbone,
  BACKBONE_UNAVAILABLE: EXIT.backbone,
  BACKBONE_UNFIT: EXIT.backbone,
  BACKUP_INVALID: EXIT.failed,
  CERTIFICATE_INVALID: EXIT.machine,
  CHANNEL_CONFIGURED: EXIT.failed,
  CLUSTER_INVALID: EXIT.machine,
  CONFIG_CHANGED: EXIT.failed,
  CONFIG_INVALID: EXIT.usage,
  CONFIG_UNREADABLE: EXIT.usage,
  DELIVERY_FAILED: EXIT.failed,
  EVENT_INVALID: EXIT.failed,
  GATEWAY_NOT_RUNNING: EXIT.notRunning,
  INTERNAL: EXIT.internal,
  INVITATION_REFUSED: EXIT.failed,
  NETWORK_REFUSED: EXIT.failed,
  NETWORK_UNAVAILABLE: EXIT.failed,
  NODE_FAILED: EXIT.machine,
  NODE_MISSING: EXIT.machine,
  NODE_TOO_OLD: EXIT.machine,
  NOT_FOUND: EXIT.notFound,
  NOT_OWNER: EXIT.failed,
  OUTBOX_FULL: EXIT.backbone,
  PORT_TAKEN: EXIT.machine,
  RESTORE_UNFINISHED: EXIT.machine,
  SENDER_REFUSED: EXIT.failed,
  STORE_NOT_EMPTY: EXIT.machine,
  STORE_UNWRITABLE: EXIT.machine,
  TOKEN_INVALID: EXIT.failed,
  USAGE: EXIT.usage,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}
