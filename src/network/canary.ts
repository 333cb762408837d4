/**
 * Whether what is said in one channel would reach the other, asked of the path itself.
 *
 * Problem: every process may be up, and still no line pass: a consumer that stands still, a channel that we were
 * thrown out of, a server that no longer reads. Idea: every so often one event of the type `sys.canary` goes
 * through the room log, where each network's own consumer takes it like any other; the network then proves for each
 * of its channels, without a word in it, that it could speak there (`Connection.check`), and tells whoever sent the
 * canary. A path is whole when both of its ends answered well. It has a room of its own, which no config can name,
 * so nobody sees it in a history or a stream. What it cannot do: find out that we are muted, or that a server is
 * cut off from the rest of its network.
 */
import type { Bus, Subscription } from '../bus/index.js';
import type { CanaryConfig, RoomChannel, RoomConfig } from '../config/index.js';
import { reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { newId, ownEvent, type ParleyEvent } from '../message/index.js';

/** A space: no room of a config can have it. */
const CANARY_ROOM = 'sys canary';
const ADDRESS = /^[0-9A-Z]{26}$/;
const ANSWER_MS = 2_000;

export interface BrokenPath {
  readonly room: string;
  /** `libera #quake`. */
  readonly from: string;
  readonly to: string;
  /** RFC 3339, UTC: when it was found broken first. */
  readonly since: string;
  readonly reason: string;
}

export interface CanaryReport {
  /** RFC 3339, UTC; null before the first round is over. */
  readonly checkedAt: string | null;
  readonly paths: number;
  readonly broken: readonly BrokenPath[];
}

export interface CanaryOptions {
  readonly bus: Bus;
  readonly config: CanaryConfig;
  readonly rooms: () => ReadonlyMap<string, RoomConfig>;
  readonly gateway: string;
  readonly log: Logger;
}

/** What a network answers: why each channel could not be spoken to, null when it could. */
type Answers = Map<string, Readonly<Record<string, string | null>>>;

export class Canary {
  readonly #options: CanaryOptions;
  /** Where answers to this process go: several may have the same name. */
  readonly #address = newId();
  readonly #answering: Subscription;
  readonly #timer: NodeJS.Timeout;
  #broken = new Map<string, BrokenPath>();
  #paths = 0;
  #checkedAt: string | null = null;
  #round: { readonly id: string; readonly answers: Answers; stored: boolean } | null = null;
  #deadline: NodeJS.Timeout | null = null;

  constructor(options: CanaryOptions) {
    this.#options = options;
    this.#answering = options.bus.serve(['canary', this.#address], async (body) => this.#take(body));
    this.#timer = setInterval(() => this.#send(), options.config.everyMs);
  }

  report(): CanaryReport {
    return { checkedAt: this.#checkedAt, paths: this.#paths, broken: [...this.#broken.values()] };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    await this.#answering.stop();
  }

  #send(): void {
    if (this.#round !== null) return;
    const { bus, config, log } = this.#options;
    const event = canaryEvent(this.#options.gateway, this.#address);
    const round = { id: event.id, answers: new Map(), stored: false };
    this.#round = round;
    bus.store(event).then(
      () => {
        round.stored = true;
      },
      (error: unknown) => log.warn('no canary can be sent', { reason: reasonOf(error) }),
    );
    this.#deadline = setTimeout(() => this.#judge(), config.timeoutMs);
  }

  #take(body: unknown): null {
    const { id, network, channels } = (body ?? {}) as Readonly<Record<string, unknown>>;
    const fits = typeof network === 'string' && typeof channels === 'object' && channels !== null;
    // Anything else is late, or not ours.
    if (fits && id === this.#round?.id)
      this.#round?.answers.set(network, channels as Readonly<Record<string, string | null>>);
    return null;
  }

  #judge(): void {
    const round = this.#round;
    this.#round = null;
    this.#deadline = null;
    if (round === null) return;
    const { rooms, config } = this.#options;
    const broken = new Map<string, BrokenPath>();
    this.#paths = 0;
    for (const room of rooms().values()) {
      if (config.rooms !== null && !config.rooms.includes(room.name)) continue;
      for (const [from, to] of pathsOf(room)) {
        this.#paths += 1;
        const why = round.stored
          ? (this.#faultOf(round.answers, from) ?? this.#faultOf(round.answers, to))
          : 'the room log did not store the canary';
        if (why !== null) this.#add(broken, room.name, from, to, why);
      }
    }
    for (const [key, path] of this.#broken)
      if (!broken.has(key)) this.#options.log.info('a path is whole again', { ...path });
    this.#broken = broken;
    this.#checkedAt = new Date().toISOString();
  }

  #add(
    broken: Map<string, BrokenPath>,
    room: string,
    from: RoomChannel,
    to: RoomChannel,
    reason: string,
  ): void {
    const names = { room, from: nameOf(from), to: nameOf(to) };
    const key = JSON.stringify(names);
    const before = this.#broken.get(key);
    const since = before?.since ?? new Date().toISOString();
    if (before === undefined) this.#options.log.warn('a path is broken', { ...names, reason });
    broken.set(key, { ...names, since, reason });
  }

  #faultOf(answers: Answers, { network, channel }: RoomChannel): string | null {
    const answer = answers.get(network);
    if (answer === undefined)
      return `${network} did not take the canary from the log within ${this.#options.config.timeoutMs} ms`;
    const fault = Object.hasOwn(answer, channel) ? answer[channel] : 'it does not know the channel';
    return typeof fault === 'string' ? `${network} ${channel}: ${fault}` : null;
  }
}

/** Its text becomes part of a subject, so nothing but an address of ours is one. */
export function isCanary({ type, subject, data }: ParleyEvent): boolean {
  return type === 'sys.canary' && subject === CANARY_ROOM && ADDRESS.test(data.text);
}

/** Tells the sender of a canary how the channels of a network are. Never rejects: a lost answer is a broken path. */
export async function answerCanary(
  bus: Bus,
  canary: ParleyEvent,
  network: string,
  channels: Readonly<Record<string, string | null>>,
  log: Logger,
): Promise<void> {
  try {
    await bus.request(['canary', canary.data.text], { id: canary.id, network, channels }, ANSWER_MS);
  } catch (error) {
    // Whoever sent it is gone, or it is an old one that waited in the log.
    log.debug('a canary was not answered', { reason: reasonOf(error) });
  }
}

/** Every pair of channels in which what is said in one is to be heard in the other. */
function pathsOf({ channels }: RoomConfig): readonly (readonly [RoomChannel, RoomChannel])[] {
  const heard = channels.filter(({ direction }) => direction !== 'out');
  const speaking = channels.filter(({ direction }) => direction !== 'in');
  return heard.flatMap((from) => speaking.filter((to) => to !== from).map((to) => [from, to] as const));
}

function nameOf({ network, channel }: RoomChannel): string {
  return `${network} ${channel}`;
}

function canaryEvent(gateway: string, address: string): ParleyEvent {
  const author = { id: 'gateway', name: gateway, verified: true };
  return ownEvent({ type: 'sys.canary', room: CANARY_ROOM, author, text: address, channel: '' });
}
