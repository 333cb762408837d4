/** Kinds of bridges as strangers would write them, to check configs against. */
import { durationField, field, hostField, portField, secretField, tlsField } from '../../src/bridge.js';
import type { BridgeSpec } from '../../src/config/index.js';

/** The fields of an IRC network that example configs use. */
const irc: BridgeSpec = {
  kind: 'irc',
  config: field.strictObject({
    host: hostField('Address of the server.'),
    port: portField('Port of the server.', 'Usually 6697 (TLS) or 6667.').default(6697),
    tls: tlsField('Encryption.').default(true),
    nick: field
      .string()
      .regex(/^[^\s,:!@#]+$/, 'expected a nick such as "parley"')
      .meta({ description: 'Nick to have.' }),
    username: field.string().default('parley').meta({ description: 'User name (ident).' }),
    realname: field.string().default('Parley').meta({ description: 'Real name.' }),
    password: secretField('Password of the server.').optional(),
    sasl: field
      .strictObject({
        account: field.string().meta({ description: 'Name of the account.' }),
        password: secretField('Password of the account.'),
      })
      .meta({ description: 'Login.' })
      .optional(),
    connectTimeout: durationField('Longest wait.').prefault('30s'),
  }),
  channelOptions: field.strictObject({ key: secretField('Key of the channel (mode +k).').optional() }),
  checkChannel: (channel) =>
    /^[#&+!][^\s,]+$/.test(channel) ? null : 'expected a channel name such as "#quake"',
};

/** Not strict, and without channel options. */
const loud: BridgeSpec = {
  kind: 'loud',
  config: field.object({ volume: field.int().min(1).max(11).default(11) }),
  checkChannel: () => null,
};

const KINDS: Readonly<Record<string, BridgeSpec>> = { irc, loud };

export const kinds: readonly string[] = Object.keys(KINDS);

export async function fakeBridges(kind: string): Promise<BridgeSpec | null> {
  return KINDS[kind] ?? null;
}
