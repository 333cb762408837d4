/** All grants and links as known now, in memory: from the buckets, and the owners of the config file. */
import { endOf, type Grant, isEverywhere } from './grant.js';
import { Reach } from './reach.js';
import { isHostmask } from './subject.js';

const IDENTITY = 'identity:';
const NOBODY: ReadonlySet<string> = new Set();
const NOTHING = new Reach([]);

export class Table {
  readonly #grants = new Map<string, Grant>();
  readonly #bySubject = new Map<string, Map<string, Grant>>();
  readonly #identities = new Map<string, string>();
  readonly #members = new Map<string, Set<string>>();
  /** By person, made when first asked for. Thrown away whole: changes are rare, questions are not. */
  readonly #reaches = new Map<string, Reach>();
  #configured: readonly Grant[] = [];

  grant(id: string): Grant | null {
    return this.#grants.get(id) ?? null;
  }

  /** Null: it is no more. */
  setGrant(id: string, grant: Grant | null): void {
    const before = this.#grants.get(id);
    if (before !== undefined) this.#forget(before);
    if (grant !== null) {
      this.#grants.set(id, grant);
      const of = this.#bySubject.get(grant.subject) ?? new Map<string, Grant>();
      this.#bySubject.set(grant.subject, of.set(id, grant));
    }
    this.#reaches.clear();
  }

  /** The owners of the config file, as author ids. */
  configure(owners: readonly string[]): void {
    for (const grant of this.#configured) this.#bySubject.get(grant.subject)?.delete(grant.id);
    this.#configured = owners.map(ownerFor);
    for (const grant of this.#configured) {
      const of = this.#bySubject.get(grant.subject) ?? new Map<string, Grant>();
      this.#bySubject.set(grant.subject, of.set(grant.id, grant));
    }
    this.#reaches.clear();
  }

  /** Null: linked with nobody. */
  setIdentity(author: string, identity: string | null): void {
    const before = this.#identities.get(author);
    if (before !== undefined) this.#leave(author, before);
    if (identity !== null) {
      this.#identities.set(author, identity);
      this.#members.set(identity, new Set(this.#members.get(identity)).add(author));
    }
    this.#reaches.clear();
  }

  identityOf(author: string): string | null {
    return this.#identities.get(author) ?? null;
  }

  /** The authors linked in an identity. */
  membersOf(identity: string): ReadonlySet<string> {
    return this.#members.get(identity) ?? NOBODY;
  }

  /** Who is behind a subject: the identity of a linked author, else the subject itself. */
  personOf(subject: string): string {
    const identity = this.#identities.get(subject);
    return identity === undefined ? subject : IDENTITY + identity;
  }

  /** What was given to exactly this subject. */
  grantsTo(subject: string): readonly Grant[] {
    return [...(this.#bySubject.get(subject)?.values() ?? [])];
  }

  /** What was given to a person: to any of their linked authors, and to their identity. */
  grantsOfPerson(person: string): readonly Grant[] {
    const members = person.startsWith(IDENTITY) ? this.membersOf(person.slice(IDENTITY.length)) : NOBODY;
    return [person, ...members].flatMap((subject) => this.grantsTo(subject));
  }

  reachOf(person: string): Reach {
    const known = this.#reaches.get(person);
    if (known !== undefined) return known;
    const grants = this.grantsOfPerson(person);
    // Only of those who have some is it kept: whoever talks to us must not fill the memory.
    if (grants.length === 0) return NOTHING;
    const reach = new Reach(grants);
    this.#reaches.set(person, reach);
    return reach;
  }

  /** Grants that make an owner of everything, for good. */
  ownerships(): readonly Grant[] {
    return [...this.#configured, ...this.#grants.values()].filter(
      (grant) => isOwnership(grant) && !isHostmask(grant.subject),
    );
  }

  /** Subjects that have grants. */
  subjects(): readonly string[] {
    return [...this.#bySubject].filter(([, grants]) => grants.size > 0).map(([subject]) => subject);
  }

  #forget(grant: Grant): void {
    this.#grants.delete(grant.id);
    const of = this.#bySubject.get(grant.subject);
    of?.delete(grant.id);
    if (of?.size === 0) this.#bySubject.delete(grant.subject);
  }

  #leave(author: string, identity: string): void {
    this.#identities.delete(author);
    const others = new Set(this.#members.get(identity));
    others.delete(author);
    if (others.size === 0) this.#members.delete(identity);
    else this.#members.set(identity, others);
  }
}

export function isOwnership(grant: Grant): boolean {
  return grant.gives === 'owner' && isEverywhere(grant.scope) && endOf(grant) === Number.POSITIVE_INFINITY;
}

export const BY_CONFIG = 'config';

/** Of everything, as the config file makes one. */
export function ownerFor(subject: string): Grant {
  return {
    id: BY_CONFIG,
    subject,
    gives: 'owner',
    scope: {},
    by: BY_CONFIG,
    at: '',
    reason: 'access.owners',
  };
}
