/**
 * People who talk in every room on every network, and programs that talk over HTTP. Each says numbered lines in one room,
 * one after the other: on IRC as the clock ticks, over HTTP only after the last one was accepted somewhere.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { post } from '../gateway/program.js';
import type { Accepted } from './checker.js';
import { type Gateway, TOKEN } from './gateway.js';
import { type Line, textOf, wayOf } from './line.js';
import type { IrcSite, World } from './world.js';

/** A gateway that has not answered by then is passed over; it may have accepted the line all the same. */
const ANSWER_MS = 3_000;
const AGAIN_MS = 100;
/** Said so shortly before another bot was seen to come, a line may have been heard by either. */
const DOUBT_MS = 250;

export interface Said extends Line {
  /** The gateway whose bot was there to hear it; `alpha or beta` where one was about to follow the other. */
  readonly via: string | null;
  readonly atMs: number;
}

export interface LoadOptions {
  /** Lines a second, over all rooms and ways. */
  readonly rate: number;
}

export class Load {
  /** On IRC. */
  readonly said: Said[] = [];
  /** Over HTTP. */
  readonly accepted: Accepted[] = [];
  /** When each line left its sender; over HTTP for the first time. */
  readonly sentAtMs = new Map<string, number>();
  /** Answers other than 202 and 503, which nothing here should ever see. */
  readonly refusals: string[] = [];
  readonly #world: World;
  readonly #everyMs: number;
  readonly #stopped = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(world: World, { rate }: LoadOptions) {
    this.#world = world;
    setMaxListeners(0, this.#stopped.signal); // every sender waits on it
    this.#everyMs = ((world.ircs.length + 1) * world.rooms.length * 1000) / rate;
  }

  start(): void {
    const { ircs, rooms, nodes } = this.#world;
    const gateways = nodes.map(({ gateway }) => gateway);
    const programs = rooms.map((room, i) =>
      this.#postAll(room, [...gateways.slice(i % gateways.length), ...gateways]),
    );
    this.#running = Promise.all([...ircs.map((site) => this.#talk(site)), ...programs]);
  }

  /** Resolves when the last line is accepted, or was given up after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped.abort();
    await Promise.race([this.#running, pause(graceMs, undefined, { ref: false })]);
  }

  /** All rooms in turn. */
  async #talk({ network, mouth }: IrcSite): Promise<void> {
    const { rooms } = this.#world;
    mouth.onBot = (bot) => this.#doubtLatest(network, bot);
    for (let count = 0; !this.#stopped.signal.aborted; count++) {
      const room = rooms[count % rooms.length] ?? '';
      const line = { sender: `${network}-${room}`, number: Math.floor(count / rooms.length) };
      const atMs = performance.now();
      if (mouth.say(`#${room}`, line)) {
        this.said.push({ ...line, via: mouth.bot, atMs });
        this.sentAtMs.set(textOf(line), atMs);
      }
      await this.#wait(this.#everyMs / rooms.length);
    }
  }

  /** Which of two gateways accepted them, nobody can say: out of order with neither. */
  #doubtLatest(network: string, bot: string): void {
    const sinceMs = performance.now() - DOUBT_MS;
    const first = this.said.findLastIndex(({ atMs }) => atMs < sinceMs) + 1;
    for (let i = first; i < this.said.length; i++) {
      const line = this.said[i];
      if (line === undefined || wayOf(line.sender) !== network || line.via === bot) continue;
      this.said[i] = { ...line, via: `${line.via} or ${bot}` };
    }
  }

  /** Stays with a gateway as long as that answers. */
  async #postAll(room: string, gateways: readonly Gateway[]): Promise<void> {
    let turn = 0;
    await this.#wait(this.#everyMs * (this.#world.rooms.indexOf(room) / this.#world.rooms.length));
    for (let number = 0; !this.#stopped.signal.aborted; number++) {
      const line = { sender: `http-${room}`, number };
      this.sentAtMs.set(textOf(line), performance.now());
      for (;;) {
        const gateway = gateways[turn % gateways.length];
        if (gateway === undefined) return;
        if (await this.#post(gateway, room, line)) {
          this.accepted.push({ ...line, via: gateway.name, atMs: performance.now() });
          break;
        }
        turn += 1;
        await pause(AGAIN_MS);
      }
      await this.#wait(this.#everyMs);
    }
  }

  async #post({ name, url }: Gateway, room: string, line: Line): Promise<boolean> {
    try {
      const key = `${line.sender}-${line.number}`;
      const text = textOf(line);
      const { status, reply } = await post({ url, token: TOKEN, room, text, key, timeoutMs: ANSWER_MS });
      if (status !== 202 && status !== 503) this.refusals.push(`${name}: ${status} ${reply}`);
      return status === 202;
    } catch {
      return false; // nobody there, or no answer in time
    }
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }
}
