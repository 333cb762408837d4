/** What the gateway answers over the backbone, as far as a command shows it. */
import type { SpoolStatus } from '../bus/index.js';

/** `['gateway', name, 'status']` */
export interface GatewayStatus {
  readonly gateway: string;
  readonly node: {
    readonly pid: number;
    readonly version: string;
    readonly restarts: number;
    /** `up` of `members` nodes are seen while it is `waiting`. */
    readonly state?: { readonly kind: string; readonly up?: number; readonly members?: number };
  } | null;
  /** Base URL of the HTTP API. */
  readonly http: string | null;
  readonly backbone: string;
  /** Why and since when its backbone cannot be used; null or absent: it can. */
  readonly absence?: { readonly since: string; readonly code: string | null; readonly reason: string } | null;
  /** Events that the backbone has not confirmed yet. */
  readonly unstored: number;
  /** Those of them that wait on disk; null without a spool. */
  readonly spool?: SpoolStatus | null;
  /** What its networks left out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly networks: readonly NetworkAnswer[];
  /** What its canary found; null or absent: it has none. */
  readonly canary?: {
    readonly checkedAt: string | null;
    readonly paths: number;
    readonly broken: readonly {
      readonly room: string;
      readonly from: string;
      readonly to: string;
      readonly since: string;
      readonly reason: string;
    }[];
  } | null;
}

/** `['gateway', name, 'owners']` */
export interface OwnersAnswer {
  readonly gateway: string;
  readonly drained: boolean;
  readonly owners: readonly OwnershipAnswer[];
}

export interface OwnershipAnswer {
  readonly network: string;
  /** Null: none that this gateway knows of. */
  readonly owner: string | null;
  readonly epoch: number | null;
  readonly since: string | null;
  readonly standby: readonly string[];
}

export interface NetworkAnswer {
  readonly network: string;
  readonly bridge: string;
  readonly channels: readonly string[];
  readonly state: string;
  /** The gateway that owns it. */
  readonly owner?: string | null;
  readonly since: string;
  readonly reason: string | null;
  readonly retryAt: string | null;
  readonly degraded: Readonly<Record<string, string>>;
  /** Channel, or `*`, of which nothing is relayed, and until when. A gateway of an older version says nothing of it. */
  readonly muted?: Readonly<Record<string, string | null>>;
  /** Channels that were joined by command. */
  readonly byCommand?: readonly string[];
  readonly queued: number;
  readonly counters: { readonly received: number; readonly delivered: number; readonly dead: number };
}
