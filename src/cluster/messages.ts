/** What a joining machine and its inviter say to each other. */
import { z } from 'zod';
import { type ClusterState, type Credentials, checkClusterState, checkCredentials } from '../node/index.js';

const address = z.string().max(300);
const wishSpec = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  route: address,
  client: address,
  /** Where leaf nodes connect to it, when it takes them. */
  leaf: address.optional(),
  /** What it wants to be; absent: a member. */
  as: z.literal('leaf').optional(),
  /** Hosts that the certificate is to hold for. */
  hosts: z.array(z.string().max(253)).min(1).max(32),
  /** PKCS #10, PEM. */
  request: z.string().max(8192),
});
export type Wish = Readonly<z.output<typeof wishSpec>>;

/** The wish as the text that is signed. */
export const askSpec = z.union([
  z.strictObject({ hello: z.literal(true) }),
  z.strictObject({ id: z.string().max(64), wish: z.string().max(32_768), signature: z.string().max(128) }),
]);

export interface Hello {
  readonly inviter: string;
  readonly cluster: string;
  /** The inviter's clock, ms. */
  readonly now: number;
  /** Of its nats-server. */
  readonly version: string;
}

export function parseWish(text: string): Wish {
  return wishSpec.parse(JSON.parse(text));
}

export interface Welcome {
  readonly state: ClusterState;
  readonly credentials: Credentials;
  /** PEM; null: nodes talk without TLS. */
  readonly certificate: string | null;
  readonly ca: string | null;
}

export function parseWelcome(value: unknown): Welcome {
  const { state, credentials, certificate, ca } = z
    .strictObject({
      state: z.unknown(),
      credentials: z.unknown(),
      certificate: z.string().nullable(),
      ca: z.string().nullable(),
    })
    .parse(value);
  return {
    state: checkClusterState(state, 'the welcome'),
    credentials: checkCredentials(credentials, 'the welcome'),
    certificate,
    ca,
  };
}
