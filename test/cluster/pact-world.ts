/** Members that choose lists by messages which are lost, late, doubled and overtaken; they are killed, and come back with their disks. */
import { type Answer, type Ballot, type Kept, Pact, Proposal } from '../../src/cluster/pact.js';

export interface List {
  readonly revision: number;
  readonly voters: readonly string[];
}

interface Question {
  readonly revision: number;
  readonly ballot: Ballot;
  readonly list: List | null;
}

type Message = { readonly from: string; readonly to: string } & (
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'answer'; readonly question: Question; readonly answer: Answer<List> }
  | { readonly kind: 'told'; readonly list: List }
);

const FEWEST = 3;
const MOST = 6;

export class Peer {
  /** On disk, as `kept`. */
  list: List;
  /** By which it votes; `list` when nothing is left to be given up. */
  acted: List;
  proposal: Proposal<List> | null = null;
  #kept: Kept<List> | null = null;
  #pact: Pact<List>;
  #count = 0;
  #runs = 0;

  constructor(
    readonly name: string,
    list: List,
    readonly world: PactWorld,
  ) {
    this.list = list;
    this.acted = list;
    this.#pact = new Pact(list.revision, null);
  }

  kill(): void {
    this.#runs += 1;
    this.#count = 0;
    this.proposal = null;
    this.acted = this.list;
    this.#pact = new Pact(this.list.revision, this.#kept);
  }

  act(): void {
    this.acted = this.list;
    this.#pact.actsBy(this.list.revision);
  }

  /** Asks everybody for one name more or less; an earlier question of its own is forgotten. False: too few or too many. */
  change(name: string): boolean {
    const { voters, revision } = this.list;
    const isVoter = voters.includes(name);
    if (isVoter ? voters.length === FEWEST : voters.length === MOST) return false;
    const next = isVoter ? voters.filter((each) => each !== name) : [...voters, name];
    this.#count = Math.max(this.#count, this.#kept?.promised.count ?? 0) + 1;
    const ballot = { count: this.#count, by: `${this.name} ${this.#runs}` };
    this.proposal = new Proposal<List>(ballot, { revision: revision + 1, voters: next }, voters);
    this.#askAll({ revision: revision + 1, ballot, list: null }, voters);
    return true;
  }

  tell(to: string): void {
    this.world.send({ kind: 'told', from: this.name, to, list: this.list });
  }

  hear(message: Message): void {
    const { kind, from } = message;
    if (kind === 'told') this.#follow(message.list);
    else if (kind === 'answer') this.#answered(from, message.question, message.answer);
    else {
      const answer = this.#judge(message.question);
      this.world.send({ kind: 'answer', from: this.name, to: from, question: message.question, answer });
    }
  }

  #askAll(question: Question, voters: readonly string[]): void {
    for (const to of voters) this.world.send({ kind: 'ask', from: this.name, to, question });
  }

  #judge({ revision, ballot, list }: Question): Answer<List> {
    const answer =
      list === null ? this.#pact.promise(revision, ballot) : this.#pact.accept(revision, ballot, list);
    this.#kept = this.#pact.kept;
    if (answer.ok && list !== null) this.world.accepted(this.name, ballot, list, this.list);
    return answer;
  }

  #answered(from: string, { revision, ballot, list }: Question, answer: Answer<List>): void {
    const { proposal } = this;
    if (!answer.ok) this.#count = Math.max(this.#count, answer.promised?.count ?? 0);
    if (proposal?.ballot !== ballot || !answer.ok) return;
    if (list === null) {
      const isNew = proposal.list === null;
      proposal.promised(from, answer.accepted);
      if (isNew && proposal.list !== null) {
        this.#askAll({ revision, ballot, list: proposal.list }, this.#votersBefore(revision));
      }
      return;
    }
    proposal.accepted(from);
    if (proposal.isChosen) this.#follow(list);
  }

  #votersBefore(revision: number): readonly string[] {
    return this.world.chosen.get(revision - 1)?.voters ?? [];
  }

  #follow(list: List): void {
    if (list.revision > this.list.revision) this.list = list;
  }
}

export class PactWorld {
  readonly peers: readonly Peer[];
  /** By revision: what a majority accepted on one ballot, whether anybody knows or not. */
  readonly chosen = new Map<number, List>();
  readonly #acceptances = new Map<string, Set<string>>();
  #wire: Message[] = [];

  constructor(names: readonly string[], voters: readonly string[]) {
    const first = { revision: 0, voters };
    this.chosen.set(0, first);
    this.peers = names.map((name) => new Peer(name, first, this));
  }

  get waiting(): number {
    return this.#wire.length;
  }

  send(message: Message): void {
    this.#wire.push(message);
  }

  /** Any message may be next; `again`: it comes once more later. */
  deliver(at: number, again = false): void {
    const message = this.#wire[at % this.#wire.length];
    if (message === undefined) return;
    if (!again) this.lose(at);
    this.peers.find(({ name }) => name === message.to)?.hear(message);
  }

  lose(at: number): void {
    this.#wire.splice(at % this.#wire.length, 1);
  }

  /** Nobody hears what is said from or to these. */
  silence(names: readonly string[]): void {
    this.#wire = this.#wire.filter(({ from, to }) => !names.includes(from) && !names.includes(to));
  }

  /** Throws when two lists of one revision are chosen. */
  accepted(by: string, { count, by: proposer }: Ballot, list: List, before: List): void {
    const key = `${list.revision} ${count} ${proposer}`;
    const all = (this.#acceptances.get(key) ?? new Set()).add(by);
    this.#acceptances.set(key, all);
    if (all.size <= before.voters.length / 2) return;
    const other = this.chosen.get(list.revision) ?? list;
    this.chosen.set(list.revision, list);
    if (JSON.stringify(other) !== JSON.stringify(list))
      throw new Error(`chosen, both as revision ${list.revision}: ${other.voters} and ${list.voters}`);
  }

  /** Throws when two lists have a majority each that acts by it, or somebody has a list that was not chosen. */
  check(): void {
    for (const { name, list } of this.peers) {
      if (JSON.stringify(this.chosen.get(list.revision)) !== JSON.stringify(list))
        throw new Error(`${name} has a list that was not chosen: ${list.revision} ${list.voters}`);
    }
    const inForce = [...this.chosen.values()].filter(({ revision, voters }) => {
      const acting = this.peers.filter(
        ({ name, acted }) => voters.includes(name) && acted.revision === revision,
      );
      return acting.length > voters.length / 2;
    });
    if (inForce.length > 1)
      throw new Error(`in force at once: ${inForce.map(({ voters }) => voters).join(' and ')}`);
  }
}
