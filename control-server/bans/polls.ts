/**
 * What only all gateways together know: who a nick is, what a ban would have hit, how often one was hit. Each hears other
 * networks. One that does not answer in time is left out.
 */
import { z } from 'zod';
import type { Bus, Subscription } from '../../src/bus/index.js';
import type { Scope } from '../command.js';
import type { HitCounters, Hits } from './hits.js';
import { compileMatch, type IdentityOf } from './matcher.js';
import type { Preview, RecentLines } from './recent-lines.js';
import { parseMatch } from './stored.js';
import type { Match, Speaker } from './types.js';

/** Everybody answers within a few ms; somebody is always waited for, since nobody knows how many there are. */
const ANSWERS_MS = 300;

const scope = z.object({ network: z.string().nullable(), room: z.string().nullable() });
const text = z.string().max(500);
const speaker = z.object({
  author: text,
  name: text,
  verified: z.boolean(),
  network: text.nullable(),
  room: text.nullable(),
  mask: z.string().max(1_000).nullable(),
  address: text.nullable(),
  rank: z.enum(['operator', 'voice']).nullable(),
});
const previewAnswer = z.object({ lines: z.number(), hits: z.number(), speakers: z.array(speaker) });
const hitsAnswer = z.object({ count: z.number(), last: z.string() });

export interface PollsOptions {
  readonly bus: Pick<Bus, 'requestAll' | 'serveEach'>;
  readonly recent: RecentLines;
  readonly hits: HitCounters;
  readonly identityOf: IdentityOf;
}

export class Polls {
  readonly #options: PollsOptions;
  readonly #served: readonly Subscription[];

  constructor(options: PollsOptions) {
    this.#options = options;
    const { bus, hits } = options;
    this.#served = [
      bus.serveEach(['bans', 'named'], async (body) =>
        this.#named(z.object({ name: text }).parse(body).name),
      ),
      bus.serveEach(['bans', 'preview'], async (body) => this.#preview(body)),
      bus.serveEach(['bans', 'hits'], async (body) => hits.of(z.object({ id: text }).parse(body).id)),
    ];
  }

  /** Those who spoke lately under this name, each once: a namesake elsewhere must not be taken for who is meant. */
  async named(name: string): Promise<readonly Speaker[]> {
    const answers = await this.#ask('named', { name }, z.array(speaker));
    return eachOnce([...this.#named(name), ...answers.flat()]);
  }

  /** One of them, when their id is known: no more gateways are asked than needed. */
  async seen(author: string): Promise<Speaker | null> {
    const [here] = this.#named(author);
    return here ?? (await this.named(author))[0] ?? null;
  }

  async preview(match: Match, within: Scope): Promise<Preview> {
    const answers = await this.#ask('preview', { match, scope: within }, previewAnswer);
    const all = answers.length > 0 ? answers : [this.#preview({ match, scope: within })];
    return {
      lines: all.reduce((sum, { lines }) => sum + lines, 0),
      hits: all.reduce((sum, { hits }) => sum + hits, 0),
      speakers: eachOnce(all.flatMap(({ speakers }) => speakers)),
    };
  }

  /** Of each gateway that was hit. */
  async hits(id: string): Promise<readonly Hits[]> {
    const answers = await this.#ask('hits', { id }, hitsAnswer.nullable());
    if (answers.length > 0) return answers.filter((each) => each !== null);
    const here = this.#options.hits.of(id);
    return here === null ? [] : [here];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#served.map((each) => each.stop()));
  }

  #named(name: string): readonly Speaker[] {
    return this.#options.recent.named(name);
  }

  #preview(body: unknown): Preview {
    const asked = z.object({ match: z.unknown(), scope }).parse(body);
    const match = parseMatch(asked.match);
    if (match === null) return { lines: 0, hits: 0, speakers: [] };
    return this.#options.recent.preview(compileMatch(match, this.#options.identityOf), asked.scope);
  }

  /** Empty while the backbone is away. */
  async #ask<Answer>(what: string, body: unknown, shape: z.ZodType<Answer>): Promise<readonly Answer[]> {
    const answers = await this.#options.bus.requestAll(['bans', what], body, ANSWERS_MS).catch(() => []);
    return answers.flatMap((answer) => {
      const { success, data } = shape.safeParse(answer);
      return success ? [data] : [];
    });
  }
}

function eachOnce(speakers: readonly Speaker[]): readonly Speaker[] {
  return [...new Map(speakers.map((each) => [each.author, each])).values()];
}
