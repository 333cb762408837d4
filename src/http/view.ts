/** What the HTTP server must know of the running gateway; the composition root supplies it. */
import type { Stored } from '../bus/index.js';
import type { Desk } from '../desk.js';
import type { Asked, Asker } from '../gate.js';
import type { ParleyEvent } from '../message/index.js';
import type { Verb } from '../orders/index.js';
import type { Documents } from '../remote/index.js';
import type { RoomMember } from '../roster/index.js';
import type { TraceReport } from '../trace/index.js';

export interface GatewayView {
  /** Asked on every request: costs the same with any number of rooms. */
  hasRoom(room: string): boolean;
  rooms(): readonly RoomView[];
  networks(): Promise<readonly NetworkView[]>;
  hasNetwork(network: string): boolean;
  /**
   * Has the owner of a network do something, on record unless it only looks. Throws USAGE, NOT_FOUND, CHANNEL_CONFIGURED,
   * NOT_OWNER, NETWORK_UNAVAILABLE, DELIVERY_FAILED, OUTBOX_FULL, BACKBONE_UNAVAILABLE.
   */
  operate(
    errand: { readonly network: string; readonly verb: Verb; readonly body: unknown },
    who: { readonly actor: string; readonly name: string; readonly from: string },
  ): Promise<object>;
  /** Who is in the channels of a room, as far as their networks tell. */
  members(room: string): readonly RoomMember[];
  node(): NodeView;
  /**
   * Accepts an event: the log, and the networks of this process. Resolves once stored; the order of the calls is the
   * order in the log. `replayable`: the id is made from what the caller gave, so it may come again and must then be
   * neither stored nor said twice; `sequence` 0 on a duplicate means "not asked".
   * Throws ParleyError: EVENT_INVALID when refused, OUTBOX_FULL when there is no room to keep it.
   */
  say(event: ParleyEvent, replayable: boolean): Promise<Stored>;
  /** The configuration documents of this backbone. */
  readonly documents: Pick<
    Documents,
    'list' | 'current' | 'versions' | 'version' | 'write' | 'rollback' | 'diff'
  >;
  /** The gateways that answer, by name. Throws BACKBONE_UNAVAILABLE. */
  gateways(): Promise<readonly GatewayLook[]>;
  /** What the control server shows; null: commands are off, or not there yet. */
  desk(): Desk | null;
  /** Does what a command line says; null: commands are off. Never rejects. */
  command(line: string, asker: Asker): Promise<Asked> | null;
  /** Says a dead letter again. Throws NOT_FOUND, DELIVERY_FAILED, NETWORK_UNAVAILABLE. */
  replay(network: string, sequence: number): Promise<void>;
  /** What became of an event, as all gateways of the backbone know it. Throws BACKBONE_UNAVAILABLE. */
  trace(event: string): Promise<TraceReport>;
}

/** May have more fields than these; the API gives out only these (a channel's options can hold a key). */
export interface RoomView {
  readonly name: string;
  readonly channels: readonly {
    readonly network: string;
    readonly channel: string;
    readonly direction: 'in' | 'out' | 'both';
    /** Joined by command: the config does not have it. */
    readonly byCommand?: true;
  }[];
}

/** `standby`: another node owns the network. */
export const NETWORK_STATES = ['opening', 'connected', 'retrying', 'failed', 'standby', 'stopped'] as const;
export type NetworkState = (typeof NETWORK_STATES)[number];

export interface NetworkView {
  readonly network: string;
  readonly bridge: string;
  /** The gateway that owns it; null: none known. */
  readonly owner?: string | null;
  readonly state: NetworkState;
  /** When it entered that state: RFC 3339, UTC. */
  readonly since: string;
  /** Why it is retrying or failed. */
  readonly reason: string | null;
  /** When the next attempt is made. */
  readonly retryAt: string | null;
  /** Connected but not whole: channel, or `*`, and why. */
  readonly degraded: Readonly<Record<string, string>>;
  /** Channel, or `*`, of which nothing is relayed, and until when. */
  readonly muted?: Readonly<Record<string, string | null>>;
  /** Channels joined by command. */
  readonly byCommand?: readonly string[];
  /** Events in the log that it has not taken yet. */
  readonly lag: number;
  /** Messages that wait to be said. */
  readonly queued: number;
  /** Since the start: `received`, `delivered`, `dropped` by reason, … */
  readonly counters: object;
}

/** A gateway as another one sees it. */
export interface GatewayLook {
  readonly gateway: string;
  readonly version: string;
  /** Of its own nats-server; null: it uses others. */
  readonly server: string | null;
  readonly backbone: string;
  /** Why its backbone cannot be used; null: it can. */
  readonly reason: string | null;
  /** Events that wait for the backbone there. */
  readonly waiting: number;
  /** Seconds since its start. */
  readonly uptime: number;
  /** Resident memory, bytes. */
  readonly memory: number;
  /** Networks that it owns. */
  readonly networks: readonly string[];
}

export interface NodeView {
  /** The name under which the gateway answers on the backbone. */
  readonly gateway: string;
  /** The nats-server child; null when the config names other servers. */
  readonly node: {
    readonly pid?: number;
    readonly version?: string;
    readonly restarts?: number;
    /** `up` of `members` nodes are seen while it is `waiting`. */
    readonly state?: { readonly kind: string; readonly up?: number; readonly members?: number };
  } | null;
  /** Paths between channels that the canary found broken; null or absent: it is not switched on. */
  readonly canary?: {
    readonly paths: number;
    readonly broken: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
  } | null;
}
