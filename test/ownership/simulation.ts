/** Gateways, messages and time of their own: everything that can go wrong between elections, in order and repeatable. */
import { Election, type ElectionOptions } from '../../src/ownership/election.js';
import { type Ballot, type Beat, TIMINGS, type Timings } from '../../src/ownership/types.js';

export const SIMULATED: Timings = {
  ...TIMINGS,
  preferAfterMs: 20_000,
  spreadAfterMs: 60_000,
  movePauseMs: 5000,
};

interface Packet {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly beat?: Beat;
  readonly ballot?: Ballot;
  /** About who belongs to the group: see members.ts. */
  readonly note?: unknown;
}

export interface Weather {
  /** 0 … 1 of the messages. */
  readonly loss: number;
  /** A message takes up to this long. */
  readonly delayMs: number;
}

interface MachineOptions extends Partial<ElectionOptions> {
  /** Of all its networks. */
  readonly prefer?: readonly string[];
}

/** One machine: while frozen it does nothing; asleep its steady clock stands still too. */
export class Machine {
  election: Election;
  voters: readonly string[];
  /** Hears the notes of others. */
  heard: (from: string, note: unknown) => void = () => {};
  /** Called before each turn while it is awake. */
  turn: () => void = () => {};
  frozen = false;
  asleep = false;
  sleptMs = 0;
  nextTickMs = 0;
  runs = 0;
  /** Networks that are being closed, and when that is done. */
  readonly #closing = new Map<string, number>();
  readonly tenancies = new Set<string>();
  /** Networks that are still to be given up before it acts by other voters. */
  #leaving: { readonly voters: readonly string[]; readonly networks: Map<string, number> } | null = null;

  constructor(
    readonly world: Simulation,
    readonly name: string,
    readonly options: MachineOptions & { readonly wants: readonly string[] },
  ) {
    this.voters = world.voters;
    this.election = this.#start();
  }

  restart(voters = this.voters): void {
    this.voters = voters;
    this.tenancies.clear();
    this.#closing.clear();
    this.#leaving = null;
    this.election = this.#start();
    this.nextTickMs = 0;
  }

  /** As `Owners.reform`: everything is given up, which takes its time, then it begins anew with these. */
  reform(voters: readonly string[]): void {
    const { election, world } = this;
    const networks = new Map<string, number>();
    election.setAway(true);
    for (const network of this.options.wants) {
      election.closing(network);
      networks.set(network, world.nowMs + Math.floor(world.random() * 5000));
    }
    this.#leaving = { voters, networks };
    this.nextTickMs = 0;
  }

  run(): void {
    this.turn();
    this.#leave();
    for (const [network, atMs] of this.#closing) {
      if (atMs > this.world.nowMs) continue;
      this.#closing.delete(network);
      this.election.closed(network);
      this.nextTickMs = 0;
    }
    if (this.world.nowMs >= this.nextTickMs) this.tick();
  }

  tick(): void {
    this.nextTickMs = this.world.nowMs + this.election.tick();
  }

  #leave(): void {
    if (this.#leaving === null) return;
    const { voters, networks } = this.#leaving;
    for (const [network, atMs] of networks) {
      if (atMs > this.world.nowMs) continue;
      networks.delete(network);
      this.release(network, null);
    }
    if (networks.size === 0) this.restart(voters);
  }

  /** A planned hand-over: closed at once here. */
  release(network: string, to: string | null): void {
    this.election.closing(network);
    this.tenancies.delete(network);
    this.election.release(network, to);
    this.tick();
  }

  #start(): Election {
    const { world, name } = this;
    this.runs += 1;
    const instance = `${String(world.nowMs).padStart(9, '0')}-${name}-${this.runs}`;
    const election = new Election(
      { gateway: name, instance, voters: this.voters, labels: [], timings: SIMULATED, ...this.options },
      {
        clock: { steady: () => world.nowMs - this.sleptMs, awake: () => world.nowMs },
        random: () => world.random(),
        wallMs: () => 1_000_000 + world.nowMs,
        tellAll: (beat) => world.broadcast(this, beat),
        tell: (_, ballot) => world.send({ from: name, to: ballotOwner(world, ballot), ballot }),
        gained: (network) => this.tenancies.add(network),
        lost: (network) => {
          this.tenancies.delete(network);
          this.#closing.set(network, world.nowMs + Math.floor(world.random() * 2000));
        },
        shouldMove: (network, to) => this.release(network, to),
      },
    );
    for (const network of this.options.wants) election.want(network, this.options.prefer ?? []);
    return election;
  }
}

function ballotOwner(world: Simulation, { to }: Ballot): string {
  return world.machines.find(({ name }) => to.split('-')[1] === name)?.name ?? '';
}

export class Simulation {
  nowMs = 0;
  readonly machines: Machine[] = [];
  weather: Weather = { loss: 0, delayMs: 1 };
  /** Pairs that do not hear each other, `a>b`. */
  readonly cut = new Set<string>();
  #packets: Packet[] = [];
  #seed: number;

  constructor(
    readonly voters: readonly string[],
    seed = 1,
  ) {
    this.#seed = seed;
  }

  add(name: string, wants: readonly string[], options: MachineOptions = {}): Machine {
    const machine = new Machine(this, name, { ...options, wants });
    this.machines.push(machine);
    return machine;
  }

  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`no machine ${name}`);
    return found;
  }

  /** The gateways that would speak on the network at this moment, frozen ones too: their clock runs on. */
  holders(network: string): readonly string[] {
    return this.machines.filter(({ election }) => election.holds(network)).map(({ name }) => name);
  }

  /** mulberry32 */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  broadcast(from: Machine, beat: Beat): void {
    for (const { name } of this.machines)
      if (name !== from.name) this.send({ from: from.name, to: name, beat });
  }

  send(packet: Omit<Packet, 'atMs'>): void {
    const { loss, delayMs } = this.weather;
    if (this.cut.has(`${packet.from}>${packet.to}`) || this.random() < loss) return;
    this.#packets.push({ ...packet, atMs: this.nowMs + 1 + Math.floor(this.random() * delayMs) });
  }

  /** Goes on for so long; `check` runs after every step. */
  run(forMs: number, check: () => void = () => {}, stepMs = 25): void {
    const endMs = this.nowMs + forMs;
    while (this.nowMs < endMs) {
      this.nowMs += stepMs;
      for (const machine of this.machines) if (machine.asleep) machine.sleptMs += stepMs;
      this.#deliver();
      for (const machine of this.machines) if (!machine.frozen && !machine.asleep) machine.run();
      check();
    }
  }

  /** A frozen machine's messages wait for it. */
  #deliver(): void {
    const due: Packet[] = [];
    const later: Packet[] = [];
    for (const packet of this.#packets) {
      const { frozen, asleep } = this.machine(packet.to);
      (packet.atMs <= this.nowMs && !frozen && !asleep ? due : later).push(packet);
    }
    this.#packets = later;
    for (const { from, to, beat, ballot, note } of due) {
      const machine = this.machine(to);
      if (note !== undefined) machine.heard(from, note);
      if (beat !== undefined) machine.election.heardBeat(beat);
      if (ballot !== undefined) machine.election.heardBallot(ballot);
      machine.tick();
    }
  }
}
