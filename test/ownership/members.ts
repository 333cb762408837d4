/** Machines of a simulation that change the list of their voters by one name at a time, as `Membership` does it. */
import { type Answer, type Ballot, type Kept, Pact, Proposal } from '../../src/cluster/pact.js';
import type { Machine, Simulation } from './simulation.js';

const TELL_EVERY_MS = 5000;
const ANSWER_MS = 4000;

export interface List {
  readonly revision: number;
  readonly voters: readonly string[];
}

interface Question {
  readonly revision: number;
  readonly ballot: Ballot;
  readonly list: List | null;
}

type Note =
  | { readonly kind: 'told'; readonly list: List }
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'answer'; readonly question: Question; readonly answer: Answer<List> };

interface Change {
  readonly proposal: Proposal<List>;
  readonly revision: number;
  readonly asked: readonly string[];
  askedAtMs: number;
}

/** One machine's share. Its list survives a restart, and so does what it promised and accepted. */
export class Member {
  list: List;
  /** Every list that it saw chosen. */
  readonly chosen: List[] = [];
  readonly #machine: Machine;
  #kept: Kept<List> | null = null;
  #pact: Pact<List>;
  #change: Change | null = null;
  #tellAtMs = 0;
  #count = 0;
  #runs = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.list = { revision: 0, voters: machine.voters };
    this.#pact = new Pact(0, null);
    machine.heard = (from, note) => this.#heard(from, note as Note);
    machine.turn = () => this.#turn();
  }

  restart(): void {
    this.#runs += 1;
    this.#count = 0;
    this.#pact = new Pact(this.list.revision, this.#kept);
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
    this.#count = Math.max(this.#count, this.#kept?.promised.count ?? 0) + 1;
    const ballot = { count: this.#count, by: `${this.#machine.name} ${this.#runs}` };
    const proposal = new Proposal<List>(ballot, list, voters);
    this.#change = { proposal, revision: list.revision, asked: voters, askedAtMs: this.#nowMs };
    this.#askAll(this.#change, null);
  }

  get #nowMs(): number {
    return this.#machine.world.nowMs - this.#machine.sleptMs;
  }

  #askAll({ asked, proposal, revision }: Change, list: List | null): void {
    const question = { revision, ballot: proposal.ballot, list };
    for (const each of asked) {
      if (each === this.#machine.name) this.#answered(each, question, this.#judge(question));
      else this.#send(each, { kind: 'ask', question });
    }
  }

  #judge({ revision, ballot, list }: Question): Answer<List> {
    const answer =
      list === null ? this.#pact.promise(revision, ballot) : this.#pact.accept(revision, ballot, list);
    this.#kept = this.#pact.kept;
    return answer;
  }

  #send(to: string, note: Note): void {
    this.#machine.world.send({ from: this.#machine.name, to, note });
  }

  #heard(from: string, note: Note): void {
    if (note.kind === 'told') this.#told(from, note.list);
    else if (note.kind === 'answer') this.#answered(from, note.question, note.answer);
    else this.#send(from, { kind: 'answer', question: note.question, answer: this.#judge(note.question) });
  }

  #answered(from: string, { ballot, list }: Question, answer: Answer<List>): void {
    const change = this.#change;
    if (!answer.ok) this.#count = Math.max(this.#count, answer.promised?.count ?? 0);
    if (change === null || change.proposal.ballot !== ballot || !answer.ok) return;
    const { proposal } = change;
    if (list !== null) proposal.accepted(from);
    else if (proposal.list === null) {
      proposal.promised(from, answer.accepted);
      if (proposal.list === null) return;
      change.askedAtMs = this.#nowMs;
      this.#askAll(change, proposal.list);
    }
  }

  #told(from: string, list: List): void {
    if (list.revision < this.list.revision) this.#send(from, { kind: 'told', list: this.list });
    if (list.revision > this.list.revision) this.#follow(list);
  }

  #turn(): void {
    const { world, name, voters } = this.#machine;
    if (voters === this.list.voters) this.#pact.actsBy(this.list.revision);
    this.#decide();
    if (world.nowMs < this.#tellAtMs) return;
    this.#tellAtMs = world.nowMs + TELL_EVERY_MS;
    for (const other of world.machines)
      if (other.name !== name) this.#send(other.name, { kind: 'told', list: this.list });
  }

  #decide(): void {
    if (this.#change === null) return;
    const { proposal, askedAtMs } = this.#change;
    if (!proposal.isChosen && this.#nowMs - askedAtMs <= ANSWER_MS) return;
    this.#change = null;
    if (!proposal.isChosen || proposal.list === null) return;
    this.chosen.push(proposal.list);
    if (proposal.list.revision > this.list.revision) this.#follow(proposal.list);
  }

  #follow(list: List): void {
    this.list = list;
    this.#tellAtMs = 0;
    this.#machine.reform(list.voters);
  }
}

export function membersOf(world: Simulation): readonly Member[] {
  return world.machines.map((machine) => new Member(machine));
}
