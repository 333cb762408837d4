/** Machines of a simulation that change the list of their voters by one name at a time, as `Membership` does it. */
import { AGREE_MS, Pact } from '../../src/cluster/pact.js';
import type { Machine, Simulation } from './simulation.js';

const TELL_EVERY_MS = 5000;

interface List {
  readonly revision: number;
  readonly voters: readonly string[];
}

type Note =
  | { readonly kind: 'told'; readonly list: List }
  | { readonly kind: 'ask'; readonly list: List; readonly round: number }
  | { readonly kind: 'answer'; readonly round: number; readonly agreed: boolean };

interface Change {
  readonly list: List;
  readonly round: number;
  readonly asked: readonly string[];
  readonly answers: Map<string, boolean>;
  readonly begunMs: number;
}

/** One machine's share. Its list survives a restart, its promises do not. */
export class Member {
  list: List;
  readonly #machine: Machine;
  #pact: Pact;
  #change: Change | null = null;
  #tellAtMs = 0;
  #round = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.list = { revision: 0, voters: machine.voters };
    this.#pact = new Pact(0);
    machine.heard = (from, note) => this.#heard(from, note as Note);
    machine.turn = () => this.#turn();
  }

  restart(): void {
    this.#pact = new Pact(this.list.revision);
    this.#change = null;
    this.#machine.restart(this.list.voters);
  }

  /** Adds the name, or takes it away. */
  toggle(name: string): void {
    const { voters, revision } = this.list;
    const isVoter = voters.includes(name);
    const fewEnough = isVoter ? voters.length > 3 : voters.length < 6;
    if (this.#change !== null || !fewEnough || this.#machine.frozen || this.#machine.asleep) return;
    const next = isVoter ? voters.filter((each) => each !== name) : [...voters, name];
    const list = { revision: revision + 1, voters: next };
    this.#round += 1;
    const change = { list, round: this.#round, asked: voters, answers: new Map(), begunMs: this.#nowMs };
    this.#change = change;
    for (const each of voters) {
      if (each === this.#machine.name) change.answers.set(each, this.#agrees(list));
      else this.#send(each, { kind: 'ask', list, round: this.#round });
    }
  }

  get #nowMs(): number {
    return this.#machine.world.nowMs - this.#machine.sleptMs;
  }

  #agrees({ revision, voters }: List): boolean {
    return this.#pact.agree(revision, JSON.stringify(voters), this.#nowMs) === null;
  }

  #send(to: string, note: Note): void {
    this.#machine.world.send({ from: this.#machine.name, to, note });
  }

  #heard(from: string, note: Note): void {
    if (note.kind === 'told') this.#told(from, note.list);
    else if (note.kind === 'ask')
      this.#send(from, { kind: 'answer', round: note.round, agreed: this.#agrees(note.list) });
    else if (note.round === this.#change?.round) this.#change.answers.set(from, note.agreed);
  }

  #told(from: string, list: List): void {
    if (list.revision < this.list.revision) this.#send(from, { kind: 'told', list: this.list });
    if (list.revision > this.list.revision) this.#follow(list);
  }

  #turn(): void {
    const { world, name, voters } = this.#machine;
    if (this.#pact.acted !== this.list.revision && voters === this.list.voters)
      this.#pact.actsBy(this.list.revision);
    this.#decide();
    if (world.nowMs < this.#tellAtMs) return;
    this.#tellAtMs = world.nowMs + TELL_EVERY_MS;
    for (const other of world.machines)
      if (other.name !== name) this.#send(other.name, { kind: 'told', list: this.list });
  }

  #decide(): void {
    const change = this.#change;
    if (change === null) return;
    const isOver = change.answers.size === change.asked.length || this.#nowMs - change.begunMs > AGREE_MS;
    if (!isOver) return;
    this.#change = null;
    const agreed = [...change.answers.values()].filter((yes) => yes).length;
    if (agreed <= change.asked.length / 2 || change.list.revision !== this.list.revision + 1) return;
    if (this.#pact.mayDecide(change.begunMs, this.#nowMs)) this.#follow(change.list);
  }

  #follow(list: List): void {
    this.list = list;
    this.#tellAtMs = 0;
    this.#pact.follows(list.revision);
    this.#machine.reform(list.voters);
  }
}

export function membersOf(world: Simulation): readonly Member[] {
  return world.machines.map((machine) => new Member(machine));
}
