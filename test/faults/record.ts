/** Writes down what happens in a run and hands it to the checker. */
import {
  type Arrival,
  check,
  type Evidence,
  missingFrom,
  type Side,
  type Span,
  type Verdict,
} from './checker.js';
import { lineIn, roomOf, textOf, wayOf } from './line.js';
import type { Load, Said } from './load.js';
import type { World } from './world.js';

interface OpenSide extends Side {
  readonly arrivals: Arrival[];
}

export class Record {
  readonly #world: World;
  readonly #load: Load;
  readonly #sides = new Map<string, OpenSide>();
  /** Per room: the lines in the log, and the place up to which it was read. */
  readonly #logged = new Map<string, { readonly lines: Set<string>; after: number }>();
  /** Per network: when something of the run was heard last, and since when silences are watched. */
  readonly #lastMs = new Map<string, number>();
  readonly #silenceMs = new Map<string, number>();

  constructor(world: World, load: Load) {
    this.#world = world;
    this.#load = load;
    for (const { network, ear, mouth } of world.ircs) {
      for (const room of world.rooms) this.#open(network, room, `${network} #${room}`);
      ear.onHeard = ({ channel, nick, ...arrival }) => {
        if (nick !== mouth.nick) this.#arrived(network, channel.slice(1), arrival);
      };
    }
    for (const [room, reader] of world.readers) {
      this.#open('stream', room, `stream ${room}`);
      reader.onHeard = (arrival) => this.#arrived('stream', room, arrival);
    }
  }

  /** From now on silences count anew. */
  watchSilence(): void {
    const now = performance.now();
    for (const network of this.#networks()) this.#lastMs.set(network, now);
    this.#silenceMs.clear();
  }

  /** The longest time since `watchSilence` in which one of the networks heard nothing, ms. */
  longestSilence(): number {
    const now = performance.now();
    const open = this.#networks().map((network) => now - (this.#lastMs.get(network) ?? now));
    return Math.max(...open, ...this.#silenceMs.values());
  }

  /** True once every network has heard something that was sent after `sinceMs`, from every other way in. */
  heardSince(sinceMs: number): boolean {
    return this.#networks().every((network) => {
      const sides = [...this.#sides.values()].filter((side) => side.network === network);
      const others = this.#ways().filter((way) => way !== network);
      return others.every((way) => sides.some((side) => this.#hasFresh(side, way, sinceMs)));
    });
  }

  /** Reads on in the rooms' logs, through whichever gateway answers. */
  async readLogs(): Promise<void> {
    for (const room of this.#world.rooms) await this.#readLog(room);
  }

  /** Accepted, and not arrived everywhere yet. */
  missing(): number {
    return missingFrom({ accepted: this.#accepted(), sides: [...this.#sides.values()] });
  }

  verdict(faults: readonly Span[], readings: readonly number[]): Verdict {
    return check(this.#evidence(faults, readings));
  }

  #evidence(faults: readonly Span[], readings: readonly number[]): Evidence {
    return {
      said: this.#load.said,
      accepted: this.#accepted(),
      sides: [...this.#sides.values()],
      faults,
      readings,
    };
  }

  #accepted() {
    const inLog = (line: Said) => this.#logged.get(roomOf(line.sender))?.lines.has(textOf(line)) === true;
    return [...this.#load.accepted, ...this.#load.said.filter(inLog)];
  }

  #open(network: string, room: string, name: string): void {
    const expects = (sender: string) => roomOf(sender) === room && wayOf(sender) !== network;
    this.#sides.set(`${network} ${room}`, { name, network, expects, arrivals: [] });
  }

  #arrived(network: string, room: string, arrival: Arrival): void {
    this.#sides.get(`${network} ${room}`)?.arrivals.push(arrival);
    const silence = arrival.atMs - (this.#lastMs.get(network) ?? arrival.atMs);
    this.#lastMs.set(network, arrival.atMs);
    if (silence > (this.#silenceMs.get(network) ?? 0)) this.#silenceMs.set(network, silence);
  }

  /** Looks back only as far as arrivals can have to do with it. */
  #hasFresh({ arrivals }: Side, way: string, sinceMs: number): boolean {
    for (let i = arrivals.length - 1; i >= 0; i--) {
      const arrival = arrivals[i];
      if (arrival === undefined || arrival.atMs < sinceMs) return false;
      if (wayOf(arrival.sender) === way && (this.#load.sentAtMs.get(textOf(arrival)) ?? 0) >= sinceMs)
        return true;
    }
    return false;
  }

  async #readLog(room: string): Promise<void> {
    const log = this.#logged.get(room) ?? { lines: new Set<string>(), after: 0 };
    this.#logged.set(room, log);
    for (;;) {
      const page = await this.#page(room, log.after);
      for (const { data } of page) {
        const line = lineIn(data.text ?? '');
        if (line !== null) log.lines.add(textOf(line));
      }
      const last = page.at(-1);
      if (last === undefined) return;
      log.after = Number(last.sequence);
    }
  }

  async #page(room: string, after: number) {
    const failures: unknown[] = [];
    for (const { gateway } of this.#world.nodes) {
      try {
        return await gateway.history(room, after);
      } catch (error) {
        failures.push(error);
      }
    }
    throw new AggregateError(failures, `no gateway reads the log of ${room}`);
  }

  #networks(): readonly string[] {
    return [...this.#world.ircs.map(({ network }) => network), 'stream'];
  }

  #ways(): readonly string[] {
    return [...this.#world.ircs.map(({ network }) => network), 'http'];
  }
}
