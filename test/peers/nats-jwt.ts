/** What `nsc` makes: an operator, its system account, one account with JetStream, and the credentials file of a user. */
import { createAccount, createOperator, createUser, type KeyPair } from 'nkeys.js';

export interface JwtSetup {
  /** Lines for the server's configuration. */
  readonly config: string;
  /** The text of the user's credentials file. */
  readonly credentials: string;
}

/** `permissions` as in a user's JWT: `{ pub: { allow: […] } }`. */
export function makeJwtSetup(permissions: object = {}): JwtSetup {
  const [operator, system, account, user] = [
    createOperator(),
    createAccount(),
    createAccount(),
    createUser(),
  ];
  const limits = {
    subs: -1,
    data: -1,
    payload: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
    conn: -1,
    leaf: -1,
  };
  const streams = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const systemId = system.getPublicKey();
  const accountId = account.getPublicKey();
  const operatorJwt = token(operator, operator, 'operator', { system_account: systemId });
  const systemJwt = token(operator, system, 'account', { limits });
  const accountJwt = token(operator, account, 'account', { limits: { ...limits, ...streams } });
  const userJwt = token(account, user, 'user', { subs: -1, data: -1, payload: -1, ...permissions });
  return {
    config: [
      `operator: ${operatorJwt}`,
      `system_account: ${systemId}`,
      'resolver: MEMORY',
      `resolver_preload: { ${systemId}: ${systemJwt}, ${accountId}: ${accountJwt} }`,
    ].join('\n'),
    credentials: `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n
-----BEGIN USER NKEY SEED-----\n${new TextDecoder().decode(user.getSeed())}\n------END USER NKEY SEED------\n`,
  };
}

/** NATS JWT v2: signed with Ed25519 by the issuer's nkey. */
function token(issuer: KeyPair, subject: KeyPair, type: string, claims: object): string {
  const head = base64url({ typ: 'JWT', alg: 'ed25519-nkey' });
  const body = base64url({
    jti: subject.getPublicKey(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: type,
    nats: { ...claims, type, version: 2 },
  });
  const signature = issuer.sign(new TextEncoder().encode(`${head}.${body}`));
  return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
