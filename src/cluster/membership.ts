/**
 * Who belongs to a cluster that runs, the same at all its members.
 *
 * Problem: members come and go while others are away, and the list of members is also the list of those who vote for the
 * owners of networks: two lists at once must never have two majorities without a common voter. Idea: the list has a
 * revision, and a change adds or removes one name (or gives one its vote). Who changes it asks all members first; one
 * agrees when it acts by the revision before, and to one change at a time. With a majority the change is made, told to
 * all, and told again every few seconds, so that who was away learns of it.
 * Why safe: a majority of the list before shares a member with every majority after a change of one name, and the next
 * change needs a majority that acts by this one already.
 * What it cannot do: change anything without a majority; keep a promise over a restart of who gave it.
 */
import type { Bus, Subscription } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { type ClusterState, checkClusterState, type Node } from '../node/index.js';
import { AGREE_MS, Pact } from './pact.js';

const TOLD = ['node', 'members'];
const TELL_EVERY_MS = 5000;

export interface MembershipOptions {
  readonly bus: Bus;
  readonly node: Node;
  /** Of this node. */
  readonly name: string;
  readonly log: Logger;
  /** Resolves once the gateway acts by these voters. */
  readonly formed: (voters: readonly string[]) => Promise<void>;
  /** This node is a member no longer. */
  readonly removed: () => void;
}

export function votersOf({ members }: ClusterState): readonly string[] {
  return members.filter(({ pending }) => pending !== true).map(({ name }) => name);
}

export function revisionOf({ revision = 0 }: ClusterState): number {
  return revision;
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #subscriptions: Subscription[];
  readonly #timer: NodeJS.Timeout;
  readonly #pact: Pact;
  #adopting: Promise<void> = Promise.resolve();

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { bus, node } = options;
    this.#pact = new Pact(revisionOf(node.cluster ?? ALONE));
    this.#subscriptions = [
      bus.hear(TOLD, (body) => this.#heard(body)),
      bus.serve(['gateway', this.#self, 'agree'], async (body) => this.#agree(body)),
    ];
    this.#timer = setInterval(() => this.#tell(), TELL_EVERY_MS);
    bus.onState((state) => {
      if (state === 'connected') this.#tell();
    });
    this.#tell();
  }

  /** Null: the node is in no cluster. */
  get state(): ClusterState | null {
    const { cluster } = this.#options.node;
    return cluster?.mode === 'cluster' ? cluster : null;
  }

  /** Throws CLUSTER_INVALID when no majority of the members agrees. */
  async change(make: (members: ClusterState['members']) => ClusterState['members']): Promise<ClusterState> {
    const before = this.#required();
    const next = { ...before, revision: revisionOf(before) + 1, members: make(before.members) };
    checkClusterState(next, 'the new list of members');
    const asked = votersOf(before);
    const begunMs = performance.now();
    const answers = await Promise.all(asked.map((name) => this.#asksAgreement(name, next)));
    const agreed = answers.filter((answer) => answer === null).length;
    if (agreed <= asked.length / 2) throw noMajority(asked.length, agreed, answers);
    if (!this.#pact.mayDecide(begunMs, performance.now())) throw tooLate();
    await this.#adopt(next);
    this.#tell();
    return next;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
    await this.#adopting.catch(() => {});
  }

  get #self(): string {
    return this.#options.name;
  }

  #required(): ClusterState {
    if (this.state !== null) return this.state;
    throw new ParleyError('CLUSTER_INVALID', 'this node is not a member of a cluster', {
      fix: 'See `parley node list`.',
    });
  }

  /** Null: yes. */
  async #asksAgreement(name: string, next: ClusterState): Promise<string | null> {
    if (name === this.#self) return this.#agree(next).refused;
    try {
      const verb = ['gateway', name, 'agree'];
      return (await this.#options.bus.request<{ refused: string | null }>(verb, next, AGREE_MS)).refused;
    } catch (error) {
      return `${name}: ${reasonOf(error)}`;
    }
  }

  #agree(body: unknown): { readonly refused: string | null } {
    const next = checkClusterState(body, 'a change of the members');
    const why = this.#pact.agree(revisionOf(next), JSON.stringify(next.members), performance.now());
    return { refused: why === null ? null : `${this.#self} ${why}` };
  }

  #tell(): void {
    if (this.state !== null) this.#options.bus.tell(TOLD, this.state);
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
    if (revisionOf(told) < revisionOf(state)) this.#tell();
    if (revisionOf(told) <= revisionOf(state)) return;
    this.#adopt(told).catch((error: unknown) => {
      this.#options.log.error('the new list of members cannot be followed', { reason: reasonOf(error) });
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
    const names = next.members.map(({ name }) => name);
    if (!names.includes(this.#self)) return removed();
    log.info('the members of the cluster change', { members: names.join(' '), revision: revisionOf(next) });
    this.#pact.follows(revisionOf(next));
    try {
      await node.apply({ ...next, self: this.#self });
    } catch (error) {
      this.#pact.follows(revisionOf(node.cluster ?? ALONE));
      throw error;
    }
    await formed(votersOf(next));
    this.#pact.actsBy(revisionOf(next));
  }
}

const ALONE: ClusterState = { version: 1, mode: 'alone', cluster: 'alone', self: 'alone', members: [] };

function tooLate(): ParleyError {
  return new ParleyError('CLUSTER_INVALID', 'this machine stood still while the members were asked', {
    fix: 'Nothing was changed: try again.',
  });
}

function noMajority(all: number, agreed: number, answers: readonly (string | null)[]): ParleyError {
  const reasons = answers.filter((answer) => answer !== null).join('; ');
  return new ParleyError('CLUSTER_INVALID', `${agreed} of ${all} members agree to the change: ${reasons}`, {
    fix: 'A majority must be up and know of the last change: see `parley node list`, and try again.',
  });
}
