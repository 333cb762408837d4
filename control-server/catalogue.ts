/** The commands that can be called now: those of this process, and those that services on the backbone offer. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '../src/bus/index.js';
import { nearest } from '../src/config/index.js';
import { reasonOf } from '../src/errors.js';
import type { Logger } from '../src/log.js';
import type { CommandInfo } from './call.js';
import type { Command } from './command.js';
import { infoOf } from './metadata.js';

/** `command` null: a service has it. */
export interface Listed {
  readonly info: CommandInfo;
  readonly command: Command | null;
}

export type Found =
  | { readonly kind: 'one'; readonly listed: Listed }
  | { readonly kind: 'several'; readonly names: readonly string[] }
  | { readonly kind: 'none' };

/** A service that is new is known after this long, or when somebody calls it. */
const REFRESH_MS = 60_000;
/** Words that nobody knows must not make us ask all services each time: those of so long share one question. */
const LEAST_BETWEEN_MS = 2_000;

export class Catalogue {
  readonly #bus: Pick<Bus, 'commands' | 'state'>;
  readonly #log: Logger;
  readonly #own = new Map<string, Listed>();
  readonly #words = new Map<string, Listed>();
  #offered: ReadonlyMap<string, Listed> = new Map();
  #all: readonly Listed[] = [];
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | null = null;
  #asksSoon: Promise<void> | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(bus: Pick<Bus, 'commands' | 'state'>, log: Logger) {
    this.#bus = bus;
    this.#log = log;
  }

  /** The commands of this process, in place of those before. */
  set(commands: readonly Command[]): void {
    this.#own.clear();
    this.#words.clear();
    for (const command of commands) {
      const { name } = command.info;
      if (this.#own.has(name)) throw new Error(`two commands have the name ${name}`);
      const listed = { info: command.info, command };
      this.#own.set(name, listed);
      for (const word of command.words ?? []) this.#words.set(word, listed);
    }
    this.#sort();
  }

  /** Permissions that commands of other programs ask for. */
  permissions(): readonly string[] {
    return [...this.#offered.values()].flatMap(({ info: { permission } }) => permission ?? []);
  }

  start(): void {
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** By name. */
  list(): readonly Listed[] {
    return this.#all;
  }

  own(): readonly Command[] {
    return [...this.#own.values()].flatMap(({ command }) => command ?? []);
  }

  /** The command that is called by this whole word, whatever the prefix. */
  byWord(word: string): Listed | null {
    return this.#words.get(word) ?? null;
  }

  /** The command of this name, or the only one that begins so. No service takes the place of ours. */
  find(word: string): Found {
    const exact = this.#own.get(word) ?? this.#offered.get(word);
    if (exact !== undefined) return { kind: 'one', listed: exact };
    const begun = this.list().filter(({ info }) => info.name.startsWith(word) && !info.hidden);
    const [first] = begun;
    if (first !== undefined && begun.length === 1) return { kind: 'one', listed: first };
    if (begun.length > 1) return { kind: 'several', names: begun.map(({ info }) => info.name) };
    return { kind: 'none' };
  }

  /** As `find`, after asking the services once more when nobody here knows the word. */
  async look(word: string): Promise<Found> {
    const found = this.find(word);
    if (found.kind !== 'none') return found;
    await this.#askSoon();
    return this.find(word);
  }

  /** All who ask within `LEAST_BETWEEN_MS` wait for the same answer. */
  #askSoon(): Promise<void> {
    const waitMs = LEAST_BETWEEN_MS - (performance.now() - this.#askedMs);
    if (waitMs <= 0) return this.refresh();
    this.#asksSoon ??= pause(waitMs, undefined, { ref: false }).then(() => {
      this.#asksSoon = null;
      return this.refresh();
    });
    return this.#asksSoon;
  }

  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  #sort(): void {
    const all = new Map([...this.#offered, ...this.#own]);
    this.#all = [...all.values()].sort((a, b) => (a.info.name < b.info.name ? -1 : 1));
  }

  async #ask(): Promise<void> {
    this.#askedMs = performance.now();
    if (this.#bus.state !== 'connected') return;
    try {
      const found = await this.#bus.commands.find();
      const offered = found.filter(({ name }) => !this.#own.has(name));
      this.#offered = new Map(
        offered.map(({ name, metadata }) => [name, { info: infoOf(name, metadata), command: null }]),
      );
      this.#sort();
    } catch (error) {
      this.#log.debug('services were not asked for commands', { reason: reasonOf(error) });
    }
  }

  /** The command that the word may have been meant for. */
  nearest(word: string): string | null {
    const shown = this.list().filter(({ info }) => !info.hidden);
    return nearest(
      word,
      shown.map(({ info }) => info.name),
    );
  }
}
