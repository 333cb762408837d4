import { randomBytes } from 'node:crypto';
import type { Bus, Subscription } from '../bus/index.js';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { SystemClock } from './clock.js';
import { parseBallot, parseBeat } from './codec.js';
import { Election } from './election.js';
import { type Sighting, Sightings } from './sightings.js';
import { type Ownership, type Tenant, TIMINGS, type Timings } from './types.js';

export interface OwnersOptions {
  readonly bus: Pick<Bus, 'tell' | 'hear' | 'serve' | 'request' | 'onState'>;
  readonly gateway: string;
  /** Names of the gateways that vote, each with the same list; one alone owns everything without asking. */
  readonly voters: readonly string[];
  readonly labels: readonly string[];
  /** A leaf: owns what the gateways of its hub do not have, and asks nobody. */
  readonly apart?: boolean | undefined;
  readonly log: Logger;
  readonly timings?: Timings;
}

const ALL = ['owners', 'beat'];
const PRESENCE = ['owners', 'presence'];
const PRESENCE_MS = 1000;
const STOP_GRACE_MS = 5000;

/** The election of this gateway, with its timer and its messages: networks are given to tenants and taken away. */
export class Owners {
  readonly gateway: string;
  readonly #options: OwnersOptions;
  readonly #tenants = new Map<string, Tenant>();
  readonly #preferences = new Map<string, readonly string[]>();
  readonly #subscriptions: Subscription[] = [];
  /** Of this process: what they still have under way is nobody else's. */
  readonly #instances = new Set<string>();
  #voters: readonly string[];
  #instance: string;
  #election: Election;
  #ballots: Subscription | null = null;
  /** Changes of the voters come one after the other. */
  #reforming: Promise<void> = Promise.resolve();
  readonly #sightings = new Sightings();
  readonly #warned = new Set<string>();
  #excluded: string | null = null;
  #somebodyHeard: () => void = () => {};
  readonly #firstHeard = new Promise<void>((resolve) => {
    this.#somebodyHeard = resolve;
  });
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: OwnersOptions) {
    this.gateway = options.gateway;
    this.#options = options;
    this.#voters = options.voters;
    this.#instance = newInstance();
    this.#election = this.#newElection();
  }

  #newElection(): Election {
    const { bus, gateway, labels, apart, timings = TIMINGS } = this.#options;
    this.#instances.add(this.#instance);
    return new Election(
      { gateway, instance: this.#instance, voters: this.#voters, labels, apart, timings },
      {
        clock: new SystemClock(),
        random: Math.random,
        wallMs: Date.now,
        tellAll: (beat) => bus.tell(ALL, beat),
        tell: (instance, ballot) => bus.tell(['owners', 'ballot', instance], ballot),
        gained: (network) => this.#gained(network),
        lost: (network, why) => void this.#lost(network, why),
        shouldMove: (network, to) => void this.#handOver(network, to, false),
      },
    );
  }

  /**
   * Resolves once networks may be wanted: at once among several voters, who are mute in the beginning anyhow. One alone
   * asks whether somebody is there, which costs one round trip; then it waits a moment to hear who.
   */
  async start(): Promise<void> {
    const { bus } = this.#options;
    const company = this.alone && (await this.#isAnybodyThere());
    this.#subscriptions.push(
      bus.serve(PRESENCE, async () => true),
      bus.hear(ALL, (body) =>
        this.#heard(parseBeat(body), (beat) => {
          if (this.#instances.has(beat.instance)) return;
          this.#election.heardBeat(beat);
          this.#somebodyHeard();
        }),
      ),
    );
    this.#ballots = this.#hearBallots();
    this.#election.hello();
    // Who is there when the backbone comes has not heard of us, nor we of them.
    bus.onState((state) => {
      if (state === 'connected' && !this.#stopped) this.#election.hello();
    });
    if (company) await this.#hearsSomebody();
    this.#tick();
  }

  #hearBallots(): Subscription {
    return this.#options.bus.hear(['owners', 'ballot', this.#instance], (body) =>
      this.#heard(parseBallot(body), (ballot) => this.#election.heardBallot(ballot)),
    );
  }

  async #isAnybodyThere(): Promise<boolean> {
    try {
      return await this.#options.bus.request<boolean>(PRESENCE, null, PRESENCE_MS);
    } catch {
      // Nobody serves it, as is usual; or whoever does stands still.
      return false;
    }
  }

  async #hearsSomebody(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PRESENCE_MS);
    });
    await Promise.race([this.#firstHeard, late]).finally(() => clearTimeout(timer));
  }

  /** Why this gateway may own nothing, with what to do, or null. */
  get excluded(): string | null {
    return this.#election.excluded;
  }

  /** The only voter: owns everything, always. */
  get alone(): boolean {
    return this.#voters.length === 1 && this.#voters[0] === this.gateway;
  }

  get voters(): readonly string[] {
    return this.#voters;
  }

  /**
   * Goes on with other voters. To the election this is a restart of the gateway: it gives everything up, forgets what
   * it voted, and is mute for one ttl; so two lists of which every two majorities share a voter (they differ in one
   * name) never have two owners. Resolves once nothing is held under the old list.
   */
  reform(voters: readonly string[]): Promise<void> {
    this.#reforming = this.#reforming.then(() => this.#reform(voters));
    return this.#reforming;
  }

  async #reform(voters: readonly string[]): Promise<void> {
    if (this.#stopped || sameNames(voters, this.#voters)) return;
    const { away } = this;
    this.#options.log.info('the voters change', { voters: voters.join(' ') });
    await this.#leave('the voters change');
    if (this.#stopped) return;
    this.#voters = voters;
    this.#instance = newInstance();
    this.#election = this.#newElection();
    this.#warned.clear();
    await this.#ballots?.stop();
    this.#ballots = this.#hearBallots();
    for (const [network, prefer] of this.#preferences) this.#election.want(network, prefer);
    this.#election.setAway(away);
    this.#tick();
  }

  /** Drained: takes no networks. */
  get away(): boolean {
    return this.#election.away;
  }

  /** The tenant gets the network whenever it is this gateway's; alone, before this returns. */
  want(network: string, prefer: readonly string[], tenant: Tenant): void {
    this.#tenants.set(network, tenant);
    this.prefer(network, prefer);
    this.#tick();
  }

  prefer(network: string, prefer: readonly string[]): void {
    this.#preferences.set(network, prefer);
    this.#election.want(network, prefer);
  }

  /** Resolves once the tenant has gone and the others know. */
  async unwant(network: string): Promise<void> {
    await this.#close(network, 'not wanted any more');
    this.#election.release(network, null);
    // Before anything else happens: free, it would be asked for again.
    this.#tenants.delete(network);
    this.#preferences.delete(network);
    this.#election.unwant(network);
    this.#tick();
  }

  holds(network: string): boolean {
    return this.#election.holds(network);
  }

  ownerships(): readonly Ownership[] {
    return [...this.#tenants.keys()].map((network) => this.ownership(network));
  }

  ownership(network: string): Ownership {
    const seen = this.#look(network);
    return {
      network,
      owner: seen?.owner ?? null,
      epoch: seen?.epoch ?? null,
      since: seen?.since.toISOString() ?? null,
      standby: this.#election.lineFor(network).filter((gateway) => gateway !== seen?.owner),
    };
  }

  /**
   * Gives a network of this gateway to another, which keeps it until it leaves. Resolves once it is given up.
   * Throws NOT_OWNER, or NOT_FOUND when no such gateway would take it.
   */
  async move(network: string, to: string): Promise<void> {
    if (!this.holds(network))
      throw new ParleyError('NOT_OWNER', `${this.gateway} does not own ${network}`, {
        fix: 'See `parley owners` for the owner.',
      });
    if (to === this.gateway) return;
    const line = this.#election.lineFor(network);
    if (!line.includes(to))
      throw new ParleyError('NOT_FOUND', `no gateway "${to}" is there to take ${network}`, {
        fix: `Name one of these: ${line.join(', ')}.`,
      });
    await this.#handOver(network, to, true);
  }

  /** Gives all networks up and takes no new ones until `undrain`. Throws NOT_OWNER when nobody else could take them. */
  async drain(): Promise<void> {
    const others = [...this.#tenants.keys()].flatMap((network) => this.#election.lineFor(network));
    if (!others.some((gateway) => gateway !== this.gateway))
      throw new ParleyError('NOT_OWNER', 'no other gateway is there to take the networks', {
        fix: 'Start another gateway of owners.voters first, or stop this one.',
      });
    await this.#leave('drained');
  }

  undrain(): void {
    this.#election.setAway(false);
    this.#tick();
  }

  /** Every network is closed and given up when it resolves. */
  async stop(): Promise<void> {
    await this.#leave('the gateway stops');
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all([...this.#subscriptions, this.#ballots].map((subscription) => subscription?.stop()));
  }

  async #leave(why: string): Promise<void> {
    this.#election.setAway(true);
    await Promise.all([...this.#tenants.keys()].map((network) => this.#giveUp(network, null, false, why)));
  }

  #heard<Message>(message: Message | null, take: (message: Message) => void): void {
    if (message === null) {
      this.#warnOnce(
        'a message about ownership was not understood: does a gateway of another version run here?',
      );
      return;
    }
    if (this.#stopped) return;
    take(message);
    this.#tick();
  }

  #tick(): void {
    if (this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const waitMs = this.#election.tick();
    this.#timer = setTimeout(() => this.#tick(), waitMs);
    this.#tell();
  }

  /** What changed for people, once. */
  #tell(): void {
    const { log } = this.#options;
    const { excluded } = this.#election;
    if (excluded !== this.#excluded) {
      if (excluded !== null) log.error('this gateway may own no network', { reason: excluded });
      else log.info('this gateway may own networks again');
      this.#excluded = excluded;
    }
    for (const warning of this.#election.warnings) this.#warnOnce(warning);
    for (const network of this.#tenants.keys()) this.#look(network);
  }

  #warnOnce(warning: string): void {
    if (this.#warned.has(warning)) return;
    this.#warned.add(warning);
    this.#options.log.warn(warning);
  }

  #look(network: string): Sighting | null {
    return this.#sightings.look(network, this.#election.ownerOf(network));
  }

  #gained(network: string): void {
    const epoch = this.#election.epochOf(network);
    this.#options.log.info('owns a network', { network, epoch });
    const election = this.#election;
    const holds = () => election.holds(network) && election.epochOf(network) === epoch;
    this.#tenants.get(network)?.gained({ epoch, holds });
  }

  async #lost(network: string, why: string): Promise<void> {
    this.#options.log.warn('lost a network', { network, reason: why });
    await this.#end(network, why);
    this.#election.closed(network);
    this.#tick();
  }

  async #handOver(network: string, to: string, pinned: boolean): Promise<void> {
    await this.#giveUp(network, to, pinned, `moves to ${to}`);
  }

  async #giveUp(network: string, to: string | null, pinned: boolean, why: string): Promise<void> {
    await this.#close(network, why);
    this.#election.release(network, to, pinned);
    this.#tick();
  }

  async #close(network: string, why: string): Promise<void> {
    if (this.holds(network)) this.#options.log.info('gives a network up', { network, reason: why });
    this.#election.closing(network);
    await this.#end(network, why);
  }

  /** A tenant that does not go in time has lost its right to speak all the same. */
  async #end(network: string, why: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#options.log.error('a network does not close', { network });
        resolve();
      }, STOP_GRACE_MS);
    });
    const ended = this.#tenants
      .get(network)
      ?.ended(why)
      .catch((error: unknown) => {
        this.#options.log.error('a network did not close well', { network, reason: reasonOf(error) });
      });
    await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }
}

/** Sorts by the time of the start. */
function newInstance(): string {
  return `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join(' ') === [...other].sort().join(' ');
}
