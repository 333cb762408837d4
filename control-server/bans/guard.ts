/** Who may ban whom. What was refused is put on record: somebody may be trying doors. */
import type { Caller } from '../call.js';
import { type Access, type Audit, CommandError, type Role, type Scope } from '../command.js';
import { originOf } from '../origin.js';
import { quoted, targetOf } from './describe.js';
import { isHigher } from './roles.js';
import type { Target } from './target.js';
import type { Ban, Kind } from './types.js';

export class Guard {
  readonly #access: Access;
  readonly #audit: Audit;

  constructor(access: Access, audit: Audit) {
    this.#access = access;
    this.#audit = audit;
  }

  /** A role counts on a verified account only. */
  roleOf(caller: Caller): Role {
    if (caller.admin === true) return 'owner';
    return caller.verified ? this.#access.roleOf(caller.author) : 'user';
  }

  /** Throws CommandError when they may not do that there. */
  async checkPlace(caller: Caller, kind: Kind, word: string, scope: Scope): Promise<void> {
    const refusal = this.#access.refusal(caller, kind, scope);
    if (refusal !== null) await this.#refuse(caller, kind, word, scope, refusal);
  }

  /** Throws CommandError for an owner, for somebody of a higher role than the caller's, and for the caller. */
  async checkPerson({ author }: Target, kind: Kind, caller: Caller, scope: Scope): Promise<void> {
    if (author === null) return;
    const refusal = this.#refusalOf(author, kind, caller);
    if (refusal !== null) await this.#refuse(caller, kind, author, scope, refusal);
  }

  /** Throws CommandError where they may not lift, and for what a higher role has set. */
  async checkLift(ban: Ban, caller: Caller): Promise<void> {
    const { id, kind, scope, by, match } = ban;
    const refusal =
      this.#access.refusal(caller, kind, scope) ??
      (isHigher(by.role, this.roleOf(caller))
        ? `${id} was set with the role ${by.role}, which is more than yours. Ask ${quoted(by.name)}.`
        : null);
    if (refusal !== null) await this.#refuse(caller, `un${kind}`, targetOf(match), scope, refusal);
  }

  #refusalOf(author: string, kind: Kind, caller: Caller): string | null {
    const isSelf =
      author === caller.author ||
      (caller.identity !== null && this.#access.identityOf(author) === caller.identity);
    if (isSelf) return `That is you. Name somebody else to ${kind}.`;
    const role = this.#access.roleOf(author);
    if (role === 'owner') {
      const verb = kind === 'ban' ? 'banned' : 'muted';
      return `${quoted(author)} is an owner, and cannot be ${verb}. Revoke that role first.`;
    }
    return isHigher(role, this.roleOf(caller))
      ? `${quoted(author)} is ${role}, which is more than you are. Ask an owner.`
      : null;
  }

  async #refuse(caller: Caller, action: string, target: string, scope: Scope, why: string): Promise<never> {
    const { author, name } = caller;
    const act = { actor: author, name, from: originOf(caller), action, target, scope, detail: { why } };
    // That it is not on record changes nothing: nothing is done.
    await this.#audit({ ...act, outcome: 'refused' }).catch(() => {});
    throw new CommandError(why);
  }
}
