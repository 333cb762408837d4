/**
 * One person over several accounts.
 *
 * Problem: linked accounts have each other's rights, so a link that its owners did not mean is a break-in. What may be
 * tried: (1) a code is stolen, and said from the thief's account; (2) the thief asks for a code and talks somebody with
 * rights into saying it ("say this to the bot, it gives you op"): their account vouches for the wrong one (a confused
 * deputy); (3) a code is said again, or guessed; (4) a code is read in a channel.
 *
 * Idea: the code only brings two accounts together. Then each of them must name the other, having been told what it
 * means: `link` on A gives a code; `link {code}` on B shows B who asked; B says `link confirm {A}`; A, too, is shown who
 * answered and says `link confirm {B}`.
 * Why it is safe: (1) A would have to name the thief. (2) B is shown the thief's account and that it will have all of
 * B's rights, and would have to name it. (3) One code per account, 60 random bits, good for five minutes and for the
 * first who says it (`bus.once`, over all gateways); wrong, used up and too late sound the same, and tries are counted.
 * (4) In a channel it is refused and used up. Only accounts that their network vouches for take part.
 * What it cannot do: protect those who name the other account although they were told what it means. An owner sees all
 * links in the audit.
 */
import type { Bus } from '../../src/bus/index.js';
import { newId } from '../../src/message/index.js';
import type { Caller } from '../call.js';
import { CommandError } from '../command.js';
import { hashOf, newCode, SHORT } from './code.js';
import { type Answer, type Ask, keyOf, type LinkRecord, readLink } from './link-records.js';
import { type CommandBucket, onBackbone } from './on-backbone.js';
import { NO_SCOPE, type Record } from './record.js';
import { isVouchedFor, shown } from './subject.js';
import type { Table } from './table.js';
import { TRY_LIMITS, Tries } from './tries.js';

export interface LinkingOptions {
  readonly bus: Bus;
  readonly links: CommandBucket;
  readonly table: Table;
  readonly record: Record;
  readonly now: () => number;
}

const GOOD_FOR_MS = 5 * 60_000;
const WRONG = 'That code is not good (any more). Say "link" on your other account and use the new one.';

export class Linking {
  readonly #options: LinkingOptions;
  readonly #tries: Tries;
  readonly #asks = new Map<string, Ask>();
  readonly #answers = new Map<string, Answer>();

  constructor(options: LinkingOptions) {
    this.#options = options;
    this.#tries = new Tries(TRY_LIMITS, options.now);
  }

  /** The bucket tells what an author's record is now. */
  heard(key: string, value: unknown): void {
    const { kind, author, record } = readLink(key, value);
    if (kind === 'member')
      this.#options.table.setIdentity(author, record?.kind === 'member' ? record.identity : null);
    else if (kind === 'ask') put(this.#asks, author, record?.kind === 'ask' ? record : null);
    else if (kind === 'answer') put(this.#answers, author, record?.kind === 'answer' ? record : null);
  }

  /** A code to be said on another account; the one before is void. */
  async ask(caller: Caller): Promise<string> {
    refuseUnverified(caller);
    const code = newCode(SHORT);
    await this.#put(caller.author, {
      kind: 'ask',
      hash: hashOf(code),
      until: this.#options.now() + GOOD_FOR_MS,
    });
    return code;
  }

  /** Who asked for the code, an author id: to be confirmed by both. Throws CommandError. */
  async answer(caller: Caller, code: string): Promise<string> {
    const hash = hashOf(code);
    if (caller.channel !== null) return this.#saidInPublic(hash);
    refuseUnverified(caller);
    this.#tries.take(caller.author);
    const asker = this.#askerOf(hash);
    if (asker === null || !(await this.#first(`link:${hash}`))) throw new CommandError(WRONG);
    this.#checkPair(asker, caller.author);
    const until = this.#options.now() + GOOD_FOR_MS;
    await this.#put(caller.author, { kind: 'answer', hash, asker, confirmed: false, until });
    return asker;
  }

  /** With whom the caller may confirm a link now, as asker or as the one who answered. */
  pending(caller: Caller): readonly { readonly other: string; readonly confirmed: boolean }[] {
    refuseUnverified(caller);
    const own = this.#answerOf(caller.author);
    const answered = own === null ? [] : [{ other: own.asker, confirmed: own.confirmed }];
    const ask = this.#asks.get(caller.author);
    const theirs = [...this.#answers.keys()].flatMap((other) => {
      const answer = this.#answerOf(other);
      if (answer === null || answer.asker !== caller.author || answer.hash !== ask?.hash) return [];
      return [{ other, confirmed: answer.confirmed }];
    });
    return [...answered, ...theirs];
  }

  /** True: they are linked now; false: the other one's turn. Throws CommandError. */
  async confirm(caller: Caller, other: string): Promise<boolean> {
    refuseUnverified(caller);
    const own = this.#answerOf(caller.author);
    if (own?.asker === other) {
      await this.#put(caller.author, { ...own, confirmed: true });
      return false;
    }
    const theirs = this.#answerOf(other);
    if (
      theirs === null ||
      theirs.asker !== caller.author ||
      theirs.hash !== this.#asks.get(caller.author)?.hash
    ) {
      throw new CommandError(`${shown(other)} did not say your code. Say "link" to begin anew.`);
    }
    if (!theirs.confirmed) {
      const self = shown(caller.author);
      throw new CommandError(
        `${shown(other)} has to say "link confirm ${self}" first. Do that, then say this again.`,
      );
    }
    await this.#join(caller, other, theirs.hash);
    return true;
  }

  /** Takes an account out of the caller's identity. Throws CommandError. */
  async unlink(caller: Caller, author: string): Promise<void> {
    refuseUnverified(caller);
    const { table, links, record } = this.#options;
    const identity = table.identityOf(caller.author);
    const members = identity === null ? new Set<string>() : table.membersOf(identity);
    if (members.size < 2) throw new CommandError('You are linked with nobody. Say "link" to begin.');
    if (!members.has(author)) {
      throw new CommandError(`${shown(author)} is not linked with you. See with "whoami" who is.`);
    }
    const deed = { action: 'unlink', target: author, scope: NO_SCOPE, detail: { identity } };
    await record.did(caller, deed, () => links.delete(keyOf('member', author)));
  }

  async #join(caller: Caller, other: string, hash: string): Promise<void> {
    const { table, links, record, now } = this.#options;
    const self = caller.author;
    this.#checkPair(self, other);
    // Two confirmations at once would make two identities of it.
    if (!(await this.#first(`linked:${hash}`))) throw new CommandError(WRONG);
    const identity = table.identityOf(self) ?? table.identityOf(other) ?? newId();
    const at = new Date(now()).toISOString();
    const deed = { action: 'link', target: other, scope: NO_SCOPE, detail: { identity, with: self } };
    await record.did(caller, deed, async () => {
      await links.put(keyOf('member', self), { kind: 'member', identity, at, by: other });
      await links.put(keyOf('member', other), { kind: 'member', identity, at, by: self });
    });
    await links.delete(keyOf('ask', self)).catch(() => {});
    await links.delete(keyOf('answer', other)).catch(() => {});
  }

  #checkPair(one: string, other: string): void {
    const { table } = this.#options;
    if (one === other) throw new CommandError('That code is your own. Say it on your other account.');
    const [a, b] = [table.identityOf(one), table.identityOf(other)];
    if (a === null || b === null) return;
    if (a === b)
      throw new CommandError(`${shown(one)} and ${shown(other)} are linked already. See it with "whoami".`);
    throw new CommandError(
      `${shown(one)} and ${shown(other)} are each linked with others. Say "unlink" on one first.`,
    );
  }

  /** Those who read along could be quicker. */
  async #saidInPublic(hash: string): Promise<never> {
    if (this.#askerOf(hash) !== null) await this.#first(`link:${hash}`);
    throw new CommandError(
      'Say that to me alone, never in a channel. If it was a code, it is void: say "link" for another.',
    );
  }

  #askerOf(hash: string): string | null {
    const now = this.#options.now();
    for (const [author, ask] of this.#asks) if (ask.hash === hash && ask.until > now) return author;
    return null;
  }

  #answerOf(author: string): Answer | null {
    const answer = this.#answers.get(author);
    return answer !== undefined && answer.until > this.#options.now() ? answer : null;
  }

  #first(name: string): Promise<boolean> {
    return onBackbone(() => this.#options.bus.once(name));
  }

  #put(author: string, record: LinkRecord): Promise<void> {
    return this.#options.links.put(keyOf(record.kind, author), record);
  }
}

function put<Kept>(map: Map<string, Kept>, author: string, record: Kept | null): void {
  if (record === null) map.delete(author);
  else map.set(author, record);
}

function refuseUnverified(caller: Caller): void {
  if (isVouchedFor(caller)) return;
  throw new CommandError('Nobody vouches for who you are. Log in to your account first, then say it again.');
}
