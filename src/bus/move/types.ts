/** What must be the same before and after a stream is moved. */
export interface StreamState {
  readonly messages: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Durable ones, by name. Others end with whoever used them. */
  readonly consumers: readonly ConsumerState[];
}

/** How far a consumer got: what it has acknowledged, and what it was given beyond that. */
export interface ConsumerState {
  readonly name: string;
  /** Stream sequence up to which everything is acknowledged. */
  readonly ackFloor: number;
  readonly unacked: number;
  readonly pending: number;
}

export interface SavedStream {
  readonly version: 1;
  readonly stream: string;
  /** It went on while it was saved: the snapshot has what `state` says, and maybe more. */
  readonly live?: true | undefined;
  readonly bytes: number;
  /** Of the snapshot file, hex. */
  readonly sha256: string;
  readonly state: StreamState;
  /** As the server told them; given back to it with the restore. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly serverState: Readonly<Record<string, unknown>>;
}

/** Called with the bytes moved so far. */
export type Progress = (bytes: number) => void;

/** Takes streams (buckets are streams, too) with their consumers from one backbone to another, through files. */
export interface Mover {
  /** Names of all streams. */
  streams(): Promise<readonly string[]>;
  /**
   * Writes `{stream}.snapshot` and, once that is whole, `{stream}.json` to `directory`. Does nothing when both are
   * there and the stream is still as they say. Nobody may write to the stream meanwhile.
   * Throws BACKBONE_UNAVAILABLE, STORE_UNWRITABLE.
   */
  save(stream: string, directory: string, progress?: Progress): Promise<SavedStream>;
  /**
   * As `save`, of a stream that is in use. Everything that was in it at the call is in the snapshot, and each consumer
   * with what it had acknowledged, or with more of either.
   */
  saveLive(stream: string, directory: string, progress?: Progress): Promise<SavedStream>;
  /**
   * Brings the stream back with so many replicas and checks that it is what was saved, on every copy. False: it already
   * was; a half restored one is removed and begun anew. Throws BACKBONE_UNAVAILABLE, BACKBONE_CONFLICT, STORE_UNWRITABLE.
   */
  restore(stream: string, directory: string, replicas: number, progress?: Progress): Promise<boolean>;
  /** What is in a directory of `save`, by name of the stream. Throws STORE_UNWRITABLE for a damaged file. */
  saved(directory: string): Promise<readonly SavedStream[]>;
  /** Leaves word on all replicas that the streams are there; an empty stream of its own, which no one needs to read. */
  mark(name: string, replicas: number): Promise<void>;
  /** False only when the leader says so. Throws BACKBONE_UNAVAILABLE when nobody answers. */
  isMarked(name: string): Promise<boolean>;
  /** Null: there is no such stream. */
  stateOf(stream: string): Promise<StreamState | null>;
  /** Of the nats-server that it talks to: `2.9.10`. */
  readonly serverVersion: string;
  close(): Promise<void>;
}
