/**
 * Takes what people say, and answers what is a command.
 *
 * Who hears a line, a network's owner or the gateway of an HTTP request, is its front: no two gateways answer one
 * call. Order of the checks: the command, pace of the person, where it may be called, permission, cooldown.
 * Never a command: a NOTICE, an action, an edit, a topic, what a bot or another relay said. What the front does not know by
 * a mere prefix it leaves alone, since other bots have commands too.
 */
import type { Author, PrivateMessage } from '../src/bridge.js';
import type { Bus } from '../src/bus/index.js';
import { ParleyError, reasonOf } from '../src/errors.js';
import type { Asked, Asker, HeardLine } from '../src/gate.js';
import type { Logger } from '../src/log.js';
import { newId, plainText, toCore } from '../src/message/index.js';
import type { Answers, CallEvents } from './answers.js';
import type { Answer, Call, Caller } from './call.js';
import type { Catalogue, Listed } from './catalogue.js';
import { type Access, CommandError } from './command.js';
import { Cooldowns } from './cooldowns.js';
import { type Called, calledAlone, calledIn, type Marks, wordsOf } from './grammar.js';
import { Lately } from './lately.js';
import { Paces } from './pace.js';

export interface FrontOptions {
  readonly bus: Pick<Bus, 'commands'>;
  readonly catalogue: Catalogue;
  readonly access: Access;
  readonly answers: Answers;
  readonly log: Logger;
  /** The prefixes of a room; null: of what is said to us alone. */
  readonly prefixes: (room: string | null) => readonly string[];
  /** The name of our bot on a network. */
  readonly self: (network: string) => string | null;
  /** Asks the network once more who somebody is; null: it cannot tell. */
  readonly identify: (network: string, person: string, mask: string | null) => Promise<Author | null>;
  readonly timeoutMs: () => number;
  /** Since when an account is known here, ms since 1970; null: it is not. Default: none is. */
  readonly knownSince?: (author: string) => number | null;
  /** Banned or muted: what they say to us alone is left alone. In rooms they are not heard at all. */
  readonly isSilenced: (caller: Caller) => boolean;
  readonly nowMs?: () => number;
}

export interface FrontCounters {
  calls: number;
  answered: number;
  refused: number;
  failed: number;
  dropped: number;
}

/** How long somebody whom the network does not vouch for stays a stranger. */
const STRANGER_MS = 20_000;

export class Front {
  readonly counters: FrontCounters = { calls: 0, answered: 0, refused: 0, failed: 0, dropped: 0 };
  readonly #options: FrontOptions;
  readonly #paces = new Paces();
  readonly #cooldowns = new Cooldowns();
  readonly #strangers = new Lately(STRANGER_MS, () => this.#nowMs());
  readonly #nowMs: () => number;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** A line that was accepted into its rooms. */
  heard(line: HeardLine): void {
    if (line.author.bot === true) return;
    const rooms = line.events.map(({ subject }) => subject);
    const called = calledIn(line.text, this.#marks(rooms[0] ?? null, line.self));
    if (called === null) return;
    const { network, channel, person, rank, mask, author } = line;
    void this.#take(
      called,
      { ...this.#callerOf(author), network, channel, rooms, person, rank, mask },
      line.events,
    );
  }

  /** What was said to our bot alone. */
  addressed(network: string, { author, person, text, markup, mask }: PrivateMessage): void {
    if (author.bot === true) return;
    const core = toCore(text, markup ?? 'plain');
    const marks = this.#marks(null, this.#options.self(network));
    const called = calledAlone(plainText(core.text, core.markup), marks);
    if (called.word === '') return;
    const at = { network, channel: null, rooms: [], person, rank: null, mask: mask ?? null };
    const caller = { ...this.#callerOf(author), ...at };
    if (this.#options.isSilenced(caller)) this.counters.dropped += 1;
    else void this.#take(called, caller, []);
  }

  /** What was asked over HTTP, where the answer is the response: with or without a prefix. Never rejects. */
  async ask(line: string, asker: Asker): Promise<Asked> {
    const called = calledAlone(line, this.#marks(null, null));
    const caller: Caller = {
      ...this.#callerOf(asker.author),
      ...{ network: null, channel: null, person: null, rank: null, mask: null, rooms: asker.rooms },
      ...(asker.admin ? { admin: true } : {}),
    };
    try {
      const answer = await this.#answerTo(called, caller, false);
      return {
        refused: answer === null,
        lines: answer === null ? ['Too many commands. Wait a few seconds.'] : answer.lines,
      };
    } catch (error) {
      return { refused: true, lines: this.#faultOf(called, error).lines };
    }
  }

  /** Never rejects. */
  async #take(called: Called, caller: Caller, heard: CallEvents): Promise<void> {
    const { answers } = this.#options;
    const answer = await this.#answerTo(called, caller, heard.length > 0).catch((error: unknown) =>
      this.#faultOf(called, error),
    );
    if (answer !== null) await answers.give(answer, caller, heard);
  }

  /** Null: it was not for us. Throws CommandError. */
  async #answerTo(called: Called, caller: Caller, inRoom: boolean): Promise<Answer | null> {
    const listed = await this.#listed(called);
    if (listed === null && !called.byName) return null;
    const pace = this.#paces.take(caller.author, this.#nowMs());
    if (pace !== 'ok') this.counters.dropped += 1;
    if (pace === 'refused') return null;
    if (pace === 'first-refusal') throw new CommandError('Too many commands. Wait a few seconds.');
    if (listed === null) throw this.#unknown(called.word);
    const { info } = listed;
    this.counters.calls += 1;
    if (info.privateOnly && inRoom) {
      throw new CommandError(`"${info.name}" is not for a room. Say it to me alone.`);
    }
    const known = await this.#mayCall(listed, caller);
    const waitMs = this.#cooldowns.take(
      info.name,
      known.identity ?? known.author,
      info.cooldownMs,
      this.#nowMs(),
    );
    if (waitMs > 0) throw new CommandError(`"${info.name}" again in ${Math.ceil(waitMs / 1000)} s.`);
    const answer = await this.#run(listed, this.#callOf(listed, called, known));
    this.counters.answered += 1;
    return answer;
  }

  async #listed({ word, byName }: Called): Promise<Listed | null> {
    const { catalogue } = this.#options;
    const own = catalogue.byWord(word);
    if (own !== null) return own;
    const found = await catalogue.look(word);
    if (found.kind === 'one') return found.listed;
    if (found.kind === 'several' && byName)
      throw new CommandError(`"${word}" could be ${found.names.join(', ')}. Write more of it.`);
    return null;
  }

  #unknown(word: string): CommandError {
    const near = this.#options.catalogue.nearest(word);
    const meant = near === null ? '' : ` Did you mean "${near}"?`;
    return new CommandError(`I know no command "${word.slice(0, 40)}".${meant} Say "help" for all.`);
  }

  /** The caller as far as they had to be known. Throws CommandError. */
  async #mayCall({ info: { permission }, command }: Listed, caller: Caller): Promise<Caller> {
    const { access } = this.#options;
    const muted = this.#refusalHere(caller, 'use');
    if (muted !== null) throw new CommandError(muted);
    if (permission === null) return caller;
    const known = caller.verified ? caller : await this.#identified(caller);
    // A command of ours looks at the place itself; that of another program is called where it was asked for.
    const may = command !== null && access.mayAnywhere(known, permission);
    const refusal = may ? null : this.#refusalHere(known, permission);
    if (refusal !== null) throw new CommandError(refusal);
    return known;
  }

  /** Null: one of the rooms that hear the channel allows it. */
  #refusalHere(caller: Caller, permission: string): string | null {
    const rooms = caller.rooms.length > 0 ? caller.rooms : [null];
    const refusals = rooms.map((room) =>
      this.#options.access.refusal(caller, permission, { network: caller.network, room }),
    );
    return refusals.includes(null) ? null : (refusals[0] ?? null);
  }

  /** What a network has just said it does not know is not asked again at once: each question costs it three lines. */
  async #identified(caller: Caller): Promise<Caller> {
    if (this.#strangers.has(caller.author)) return caller;
    const known = await this.#asked(caller);
    if (known === caller) this.#strangers.add(caller.author);
    return known;
  }

  async #asked(caller: Caller): Promise<Caller> {
    const { network, person, mask } = caller;
    if (network === null || person === null) return caller;
    const author = await this.#options.identify(network, person, mask).catch(() => null);
    return author === null ? caller : { ...caller, ...this.#callerOf(author) };
  }

  #callOf({ info, command }: Listed, { text }: Called, caller: Caller): Call {
    const raw = command?.words !== undefined;
    const { args, flags } = raw ? { args: [], flags: {} } : wordsOf(text, info.usage);
    return { id: newId(), command: info.name, args, flags, text, caller, time: new Date().toISOString() };
  }

  async #run({ command, info }: Listed, call: Call): Promise<Answer> {
    if (command !== null) return command.run(call);
    const { bus, timeoutMs } = this.#options;
    const answer = await bus.commands.call(info.name, call, timeoutMs()).catch((error: unknown) => {
      if (!(error instanceof ParleyError)) throw error;
      throw new CommandError(`"${info.name}" does not answer now. Try again in a while.`);
    });
    if (!answer.ok) throw new CommandError(answer.reason);
    return answerIn(answer.body);
  }

  #faultOf({ word }: Called, error: unknown): Answer {
    if (error instanceof CommandError) {
      this.counters.refused += 1;
      return alone(error.message);
    }
    this.counters.failed += 1;
    if (error instanceof ParleyError && error.code === 'BACKBONE_UNAVAILABLE') {
      return alone(`"${word}" needs the backbone, which is away now. Try again in a while.`);
    }
    this.#options.log.error('a command failed', { command: word, reason: reasonOf(error) });
    return alone(`"${word}" failed; the log of the gateway says why.`);
  }

  #callerOf({
    id,
    name,
    verified,
  }: Author): Pick<Caller, 'author' | 'name' | 'verified' | 'identity' | 'accountSince'> {
    const since = verified ? (this.#options.knownSince?.(id) ?? null) : null;
    return {
      author: id,
      name,
      verified,
      identity: this.#options.access.identityOf(id),
      ...(since === null ? {} : { accountSince: new Date(since).toISOString() }),
    };
  }

  #marks(room: string | null, self: string | null): Marks {
    const { prefixes, catalogue } = this.#options;
    return {
      prefixes: prefixes(room),
      self,
      wordOf: (word) => (catalogue.byWord(word) === null ? null : word),
    };
  }
}

function alone(text: string): Answer {
  return { lines: [text], private: true };
}

/** What a service answered: `{"lines": […]}`, `{"text": "…"}` or just a text. */
export function answerIn(body: unknown): Answer {
  if (typeof body === 'string') return { lines: body.split('\n') };
  if (typeof body !== 'object' || body === null) return { lines: [] };
  const { lines, text, private: isPrivate } = body as Readonly<Record<string, unknown>>;
  const said = Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : [];
  const all = typeof text === 'string' ? [...said, ...text.split('\n')] : said;
  return { lines: all, ...(isPrivate === true ? { private: true } : {}) };
}
