/** Watches the server that runs: in a cluster whether streams can be used, alone whether it answers at all. */
import { BUCKETS, type BusAddress, Subjects } from '../bus/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { encodeToken } from '../message/index.js';
import type { Child } from './child.js';
import type { ClusterState } from './cluster-file.js';
import { watchCopies } from './copies-watch.js';
import { lookOut, Patience } from './lookout.js';
import type { Stretches } from './misled.js';
import type { SightAddresses } from './readiness.js';
import type { NodeLimits } from './types.js';
import type { Waiting } from './waiting.js';
import { watchOver } from './watchdog.js';

export interface WatchedServer {
  readonly child: Child;
  /** Of this server alone. */
  readonly addresses: SightAddresses;
  readonly state: ClusterState | null;
}

export interface ServerWatchParts {
  readonly waiting: Waiting;
  readonly limits: NodeLimits;
  readonly prefix: string;
  readonly log: Logger;
  /** It cannot do its work any more; it would end when asked to. */
  readonly restart: (child: Child) => void;
  /** Its copy of a stream is not that of the others. */
  readonly odd: (child: Child, stream: string) => void;
  /** Another server's copy of the room log was not, and that server is away now. */
  readonly misled: (stretches: Stretches) => void;
}

export class ServerWatch {
  readonly #parts: ServerWatchParts;
  /** Outlives the servers that are started again. */
  readonly #patience: Patience;
  #looking = new AbortController();

  constructor(parts: ServerWatchParts) {
    this.#parts = parts;
    this.#patience = new Patience(parts.limits.leaderlessMs);
  }

  /** From now on this one, with the passwords and the members of now. */
  follow(server: WatchedServer): void {
    const { state } = server;
    this.#looking.abort(new Error('looking anew'));
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    const watching =
      state === null || state.mode === 'alone'
        ? this.#alone(server, signal)
        : this.#clustered(server, state, signal);
    if (state?.mode === 'cluster') void this.#compare(server, state, signal);
    watching.catch((error: unknown) => {
      this.#parts.log.debug('no longer watching the server', { reason: reasonOf(error) });
    });
  }

  /** It has ended. */
  forget(): void {
    this.#looking.abort(new Error('nats-server has ended'));
    this.#parts.waiting.down();
  }

  async #compare(
    { child, addresses }: WatchedServer,
    state: ClusterState,
    signal: AbortSignal,
  ): Promise<void> {
    const { prefix, limits, log, odd, misled } = this.#parts;
    const subjects = new Subjects(prefix);
    const { roomStream, deadStream } = subjects;
    const source = {
      address: addresses.system,
      stream: roomStream,
      // Dead letters are dropped one by one.
      others: subjects.streams(BUCKETS).filter((stream) => stream !== roomStream && stream !== deadStream),
      self: encodeToken(state.self),
      servers: state.members.map(({ name }) => encodeToken(name)),
      everyMs: limits.compareMs,
      odd: (stream: string) => odd(child, stream),
      suspected: (server: string) =>
        log.warn('the copy of the room log on another server is not that of the others', { server }),
      misled,
    };
    await watchCopies(source, signal, log).catch(() => {}); // it is over when the server is
  }

  #alone({ child, addresses }: WatchedServer, signal: AbortSignal): Promise<void> {
    const { waiting, limits, prefix, log } = this.#parts;
    waiting.usable();
    const deaf = (quietMs: number): void => {
      log.error('nats-server lives and does not answer about the room log: killed, to be started again', {
        quietMs,
        why: 'version 2.9 locks itself up when its disk is full',
      });
      child.kill();
    };
    const stream = new Subjects(prefix).roomStream;
    return watchOver({ address: addresses.main, stream, limitMs: limits.deafMs, deaf }, signal, log);
  }

  #clustered({ child, addresses }: WatchedServer, state: ClusterState, signal: AbortSignal): Promise<never> {
    const { waiting, log, restart } = this.#parts;
    // A leaf needs its hub, which it cannot count.
    const members = state.mode === 'cluster' ? state.members.length : 1;
    if (waiting.state.kind === 'down') waiting.seen(1, members);
    const stuck = (waitedMs: number): void => {
      if (state.mode !== 'cluster') return;
      log.warn('no leader answers although enough nodes are up: nats-server is started again', {
        waitedMs,
        why: 'version 2.9 may never hear of a leader when it was cut off at first',
      });
      restart(child);
    };
    const source = {
      addresses,
      members,
      patience: this.#patience,
      seen: (up: number) => waiting.seen(Math.min(up, members), members),
      usable: () => waiting.usable(),
      stuck,
    };
    return lookOut(source, signal, log);
  }
}

/** The same with its own server only, where a bus would go on at another one. */
export function ownServer(address: BusAddress): BusAddress {
  return { ...address, servers: address.servers.slice(0, 1) };
}
