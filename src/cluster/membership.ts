/**
 * Who belongs to a cluster that runs, the same at all its members.
 *
 * Problem: members come and go while others are away, and the list of members is also the list of those who vote for the
 * owners of networks: two lists at once must never have two majorities without a common voter. Idea: the list has a
 * revision, and a change adds or removes one name (or gives one its vote). The members choose one list for each revision
 * (see pact.ts); the chosen one is told to all, and told again every few seconds, so that who was away learns of it,
 * however many revisions it is behind.
 * Why safe: a majority of the list before shares a member with every majority after a change of one name, and the next
 * change needs a majority that acts by this one already.
 * What it cannot do: change anything without a majority. The first list of a cluster is not chosen here: who was alone
 * is its own majority, and writes it (see growth.ts).
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, Subscription } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type ClusterState, checkClusterState, type Node, type StoreFiles } from '../node/index.js';
import { readPact, writePact } from './kept-pact.js';
import { type Answer, Pact } from './pact.js';
import { type Outcome, parseAnswer, parseQuestion, propose, type Question } from './proposing.js';

const TOLD = ['node', 'members'];
const TELL_EVERY_MS = 5000;
const ANSWER_MS = 4000;
/** A ballot may be outrun by another one, or come while the members take over the last change. */
const PERSIST_MS = 5000;
const LONGEST_PAUSE_MS = 500;

export interface MembershipOptions {
  readonly bus: Bus;
  readonly node: Pick<Node, 'cluster' | 'apply'>;
  readonly files: StoreFiles;
  /** Of this node. */
  readonly name: string;
  readonly log: Logger;
  /** Resolves once the gateway acts by these voters. */
  readonly formed: (voters: readonly string[]) => Promise<void>;
  /** This node is a member no longer. */
  readonly removed: () => void;
}

type Members = ClusterState['members'];

export function votersOf({ members }: Pick<ClusterState, 'members'>): readonly string[] {
  return members.filter(({ pending }) => pending !== true).map(({ name }) => name);
}

export function revisionOf({ revision = 0 }: ClusterState): number {
  return revision;
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #subscriptions: Subscription[];
  readonly #timer: NodeJS.Timeout;
  readonly #pact: Pact<ClusterState>;
  /** Of this run: no other proposal has its ballots. */
  readonly #instance: string;
  #lastCount = 0;
  /** The revision of which another list was heard. */
  #conflict: number | null = null;
  #adopting: Promise<void> = Promise.resolve();
  /** One answer after the other, so that the disk has what the last one says. */
  #answering: Promise<unknown> = Promise.resolve();

  /** Throws CLUSTER_INVALID when what this node agreed to cannot be read. */
  constructor(options: MembershipOptions) {
    this.#options = options;
    const { bus, files } = options;
    const { state } = this;
    // Alone, it is of a cluster that this node has left.
    this.#pact = new Pact(revisionOf(state ?? ALONE), state === null ? null : readPact(files));
    this.#instance = `${this.#self} ${randomBytes(8).toString('hex')}`;
    this.#subscriptions = [
      bus.hear(TOLD, (body) => this.#heard(body)),
      bus.serve(['gateway', this.#self, 'ballot'], (body) => this.#answer(parseQuestion(body))),
      // What members before ballots ask: they have no majority once most know better.
      bus.serve(['gateway', this.#self, 'agree'], async () => ({ refused: `${this.#self} ${NEWER}` })),
    ];
    this.#timer = setInterval(() => this.#tell(this.state), TELL_EVERY_MS);
    bus.onState((linked) => {
      if (linked === 'connected') this.#tell(this.state);
    });
    this.#tell(state);
  }

  /** Null: the node is in no cluster. */
  get state(): ClusterState | null {
    const { cluster } = this.#options.node;
    return cluster?.mode === 'cluster' ? cluster : null;
  }

  /**
   * `make` may be asked more than once: a change that somebody began is brought to its end first. It returns what it was
   * given when there is nothing to change. Throws what `make` throws, and CLUSTER_INVALID when no majority of the
   * members agrees, or this node is none; the change may then still be made, by whoever makes the next one.
   */
  async change(make: (members: Members) => Members): Promise<ClusterState> {
    for (let giveUpAtMs = performance.now() + PERSIST_MS; ; ) {
      await this.#adopting.catch(() => {});
      const before = this.#required();
      const members = make(before.members);
      if (JSON.stringify(members) === JSON.stringify(before.members)) return before;
      const made = { ...before, revision: revisionOf(before) + 1, members };
      const next = checkClusterState(made, 'the new list of members');
      const outcome = await this.#proposes(next, votersOf(before));
      if (outcome.chosen !== null) {
        // First: this node may be cut off, or not among them.
        this.#tell(outcome.chosen);
        await this.#adopt(outcome.chosen);
        if (outcome.chosen === next) return next;
        if (!namesIn(outcome.chosen).includes(this.#self)) throw noMember();
        giveUpAtMs = performance.now() + PERSIST_MS;
      } else if (performance.now() > giveUpAtMs) {
        throw noMajority(votersOf(before).length, outcome);
      } else await pause(Math.random() * LONGEST_PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
    await Promise.all([this.#adopting.catch(() => {}), this.#answering.catch(() => {})]);
  }

  get #self(): string {
    return this.#options.name;
  }

  #required(): ClusterState {
    if (this.state === null) throw noMember();
    return this.state;
  }

  async #proposes(next: ClusterState, voters: readonly string[]): Promise<Outcome> {
    this.#lastCount = Math.max(this.#lastCount, this.#pact.kept?.promised.count ?? 0) + 1;
    const ballot = { count: this.#lastCount, by: this.#instance };
    const { cluster } = next;
    const about = { cluster, revision: revisionOf(next), ballot };
    const outcome = await propose(about, next, voters, (name, question) => this.#asks(name, question));
    this.#lastCount = Math.max(this.#lastCount, outcome.outrunBy);
    return outcome;
  }

  /** Never rejects. */
  async #asks(name: string, question: Question): Promise<Answer<ClusterState>> {
    try {
      if (name === this.#self) return await this.#answer(question);
      const verb = ['gateway', name, 'ballot'];
      return parseAnswer(await this.#options.bus.request(verb, question, ANSWER_MS));
    } catch (error) {
      return { ok: false, why: `is away, or of an older version (${reasonOf(error)})`, promised: null };
    }
  }

  #answer(question: Question): Promise<Answer<ClusterState>> {
    const answering = this.#answering.catch(() => {}).then(() => this.#judge(question));
    this.#answering = answering;
    return answering;
  }

  async #judge({ cluster, revision, ballot, list }: Question): Promise<Answer<ClusterState>> {
    const { state } = this;
    if (state?.cluster !== cluster || !votersOf(state).includes(this.#self)) {
      return { ok: false, why: 'does not vote in this cluster', promised: null };
    }
    // Who asks has missed something.
    if (revision <= revisionOf(state)) this.#tell(state);
    const answer =
      list === null ? this.#pact.promise(revision, ballot) : this.#pact.accept(revision, ballot, list);
    const { kept } = this.#pact;
    if (answer.ok && kept !== null) await writePact(this.#options.files, kept);
    return answer;
  }

  #tell(state: ClusterState | null): void {
    if (state !== null) this.#options.bus.tell(TOLD, state);
  }

  #heard(body: unknown): void {
    const { state } = this;
    let told: ClusterState;
    try {
      told = checkClusterState(body, 'a list of members');
    } catch (error) {
      this.#options.log.debug('a list of members was not understood', { reason: reasonOf(error) });
      return;
    }
    if (state === null || told.mode !== 'cluster' || told.cluster !== state.cluster) return;
    if (revisionOf(told) < revisionOf(state)) this.#tell(state);
    if (revisionOf(told) === revisionOf(state)) this.#compare(state, told);
    if (revisionOf(told) <= revisionOf(state)) return;
    this.#adopt(told).catch((error: unknown) => {
      this.#options.log.error('the new list of members cannot be followed', { reason: reasonOf(error) });
    });
  }

  /** Versions before ballots could make two lists of one revision; and people can edit files. */
  #compare(state: ClusterState, told: ClusterState): void {
    const revision = revisionOf(state);
    if (this.#conflict === revision || JSON.stringify(told.members) === JSON.stringify(state.members)) return;
    this.#conflict = revision;
    this.#options.log.error('another member has another list of members of the same revision', {
      revision,
      here: namesIn(state).join(' '),
      there: namesIn(told).join(' '),
      of: told.self,
      next: 'stop the members whose list is the wrong one, give them "members" of a right cluster.json, start them',
    });
  }

  #adopt(next: ClusterState): Promise<void> {
    const adopting = this.#adopting.catch(() => {}).then(() => this.#follow(next));
    this.#adopting = adopting;
    return adopting;
  }

  async #follow(next: ClusterState): Promise<void> {
    const { node, log, formed, removed } = this.#options;
    const before = this.#required();
    if (revisionOf(next) <= revisionOf(before)) return;
    const members = namesIn(next);
    if (!members.includes(this.#self)) return removed();
    log.info('the members of the cluster change', { members: members.join(' '), revision: revisionOf(next) });
    try {
      await node.apply({ ...next, self: this.#self });
    } catch (error) {
      if (revisionOf(node.cluster ?? ALONE) < revisionOf(next)) throw error;
      // The next start acts by it anyhow.
      log.error('nats-server does not follow the new list of members yet', { reason: reasonOf(error) });
    }
    await formed(votersOf(next));
    this.#pact.actsBy(revisionOf(next));
  }
}

const ALONE: ClusterState = { version: 1, mode: 'alone', cluster: 'alone', self: 'alone', members: [] };
const NEWER = 'runs a newer version: upgrade this node, too, and try again';

function namesIn({ members }: ClusterState): readonly string[] {
  return members.map(({ name }) => name);
}

function noMember(): ParleyError {
  return new ParleyError('CLUSTER_INVALID', 'this node is not a member of a cluster', {
    fix: 'See `parley node list`.',
  });
}

function noMajority(all: number, { agreed, reasons }: Outcome): ParleyError {
  return new ParleyError(
    'CLUSTER_INVALID',
    `${agreed} of ${all} members agree to the change: ${reasons.join('; ')}`,
    {
      fix: 'A majority must be up, know of the last change, and run this version: see `parley node list`, and try again. Should the change have begun, the next one brings it to its end.',
    },
  );
}
