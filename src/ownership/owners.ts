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
  readonly bus: Pick<Bus, 'tell' | 'hear' | 'serve' | 'request'>;
  readonly gateway: string;
  /** Names of the gateways that vote, each with the same list; one alone owns everything without asking. */
  readonly voters: readonly string[];
  readonly labels: readonly string[];
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
  readonly #instance: string;
  readonly #election: Election;
  readonly #tenants = new Map<string, Tenant>();
  readonly #subscriptions: Subscription[] = [];
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
    this.#instance = `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`;
    const { bus, gateway, voters, labels, timings = TIMINGS } = options;
    this.#election = new Election(
      { gateway, instance: this.#instance, voters, labels, timings },
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
          this.#election.heardBeat(beat);
          if (beat.instance !== this.#instance) this.#somebodyHeard();
        }),
      ),
      bus.hear(['owners', 'ballot', this.#instance], (body) =>
        this.#heard(parseBallot(body), (ballot) => this.#election.heardBallot(ballot)),
      ),
    );
    this.#election.hello();
    if (company) await this.#hearsSomebody();
    this.#tick();
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
    const { voters, gateway } = this.#options;
    return voters.length === 1 && voters[0] === gateway;
  }

  /** Drained: takes no networks. */
  get away(): boolean {
    return this.#election.away;
  }

  /** The tenant gets the network whenever it is this gateway's; alone, before this returns. */
  want(network: string, prefer: readonly string[], tenant: Tenant): void {
    this.#tenants.set(network, tenant);
    this.#election.want(network, prefer);
    this.#tick();
  }

  prefer(network: string, prefer: readonly string[]): void {
    this.#election.want(network, prefer);
  }

  /** Resolves once the tenant has gone and the others know. */
  async unwant(network: string): Promise<void> {
    await this.#close(network, 'not wanted any more');
    this.#election.release(network, null);
    // Before anything else happens: free, it would be asked for again.
    this.#tenants.delete(network);
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
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
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
    const holds = () => this.#election.holds(network) && this.#election.epochOf(network) === epoch;
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
