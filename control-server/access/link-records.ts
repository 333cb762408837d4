/** What is kept in the bucket LINKS: each key is one author's, so that nobody writes over what another said. */
import { z } from 'zod';

/** `member:{author}`: belongs to this person. */
export interface Member {
  readonly kind: 'member';
  readonly identity: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The author that they linked with. */
  readonly by: string;
}

/** `ask:{author}`: was given a code. */
export interface Ask {
  readonly kind: 'ask';
  readonly hash: string;
  /** ms since 1970 */
  readonly until: number;
}

/** `answer:{author}`: said a code of `asker`. */
export interface Answer {
  readonly kind: 'answer';
  readonly hash: string;
  readonly asker: string;
  /** Named the asker after having been told what it means. */
  readonly confirmed: boolean;
  /** ms since 1970 */
  readonly until: number;
}

export type LinkRecord = Member | Ask | Answer;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const until = z.number();
const recordSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('member'),
    identity: z.string().regex(/^[0-9A-Z]{26}$/),
    at: z.string(),
    by: z.string().min(1),
  }),
  z.strictObject({ kind: z.literal('ask'), hash, until }),
  z.strictObject({
    kind: z.literal('answer'),
    hash,
    asker: z.string().min(1),
    confirmed: z.boolean(),
    until,
  }),
]);

export function keyOf(kind: LinkRecord['kind'], author: string): string {
  return `${kind}:${author}`;
}

/** What stays; codes are good for minutes. */
export function isMembership(key: string): boolean {
  return key.startsWith('member:');
}

/** Kind and author of a key, and what is there now: null for nothing, and for whatever else lies there. */
export function readLink(
  key: string,
  value: unknown,
): { readonly kind: string; readonly author: string; readonly record: LinkRecord | null } {
  const [kind = '', author = ''] = key.split(/:(.*)/su);
  const { success, data } = recordSpec.safeParse(value);
  return { kind, author, record: success && data.kind === kind ? data : null };
}
