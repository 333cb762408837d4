import type { BusAddress } from '../bus/index.js';
import type { Bench } from './bench.js';
import type { ClusterState } from './cluster-file.js';
import type { Stretches } from './misled.js';

/** The managed nats-server of this machine. */
export interface Node {
  /** For this machine's gateway: the `gateway` user. */
  readonly address: BusAddress;
  /** For monitoring (connz, jsz, routez) and removing peers: the `sys` user of the system account. */
  readonly system: BusAddress;
  /** What it listens on. */
  readonly ports: NodePorts;
  /** As the server runs now; null: alone. */
  readonly cluster: ClusterState | null;
  readonly state: NodeState;
  /** Called with every change of `state`; returns what takes the listener away. */
  onState(listener: (state: NodeState) => void): () => void;
  /**
   * Resolves once streams can be used: at once when alone; in a cluster when a majority has chosen its leader and it
   * answers. Waits as long as it takes unless `signal` is aborted (then rejects with its reason).
   */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * Writes cluster.json and makes the server follow it. Members that come and go are reloaded into the running server;
   * another mode, cluster name or own address restarts it. Throws CLUSTER_INVALID, CERTIFICATE_INVALID, NODE_FAILED.
   */
  apply(state: ClusterState): Promise<void>;
  /** Reads certificates and credentials again (after a rotation) without dropping a connection. */
  reload(): Promise<void>;
  /**
   * Takes the server away from its clients, who reconnect by themselves, for as long as `work` takes; then runs it as
   * cluster.json says by then. Throws what `work` throws, after the server runs again.
   */
  maintain(work: (bench: Bench) => Promise<void>): Promise<void>;
  /**
   * What the server has on disk may be damaged: a member of a cluster begins empty at its next start, and gets its
   * streams from the others. Resolves once that is noted.
   */
  doubt(reason: string): Promise<void>;
  /**
   * Called when another server whose copy of the room log was not that of most is away now: what each consumer may have
   * been led past begins there. Returns what takes the listener away.
   */
  onMisled(listener: (stretches: Stretches) => void): () => void;
  /** Asks clients to go to other members (lame duck), hands leadership over, then stops. Resolves when it has ended. */
  drain(): Promise<void>;
  /** Of the nats-server; changes when it is restarted. */
  readonly pid: number;
  readonly version: string;
  /** How often it died, or was of no use, and was started again. */
  readonly restarts: number;
  /** Settles once: resolves when the node has stopped. */
  readonly closed: Promise<void>;
  /** Ends the nats-server cleanly: what it has is on disk when this resolves. */
  stop(): Promise<void>;
}

/** Null: it does not listen for those. */
export interface NodePorts {
  readonly client: number;
  readonly route: number | null;
  readonly leaf: number | null;
}

/** How patient a node is with its server, and with the others, ms. */
export interface NodeLimits {
  /** When a server that runs is started again. In a cluster: a majority is up, and no leader answers for so long; more than doubled with every restart. */
  readonly leaderlessMs: number;
  /** Alone: it answers pings, and nothing about the room log for so long. */
  readonly deafMs: number;
  /** In a cluster: how long a server whose streams may be damaged is held back until the others can give them anew. */
  readonly sparedMs: number;
  /** In a cluster: how often the copies of the streams are compared. */
  readonly compareMs: number;
}

/** `waiting`: the server runs, and `up` of `members` nodes are seen (this one too); too few, or still choosing a leader. */
export type NodeState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly up: number; readonly members: number }
  | { readonly kind: 'down' };
