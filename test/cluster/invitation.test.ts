import test from 'ava';
import fc from 'fast-check';
import {
  formatInvitation,
  type Invitation,
  keyOf,
  newSecret,
  parseInvitation,
  seal,
  unseal,
} from '../../src/cluster/index.js';

const INVITATION: Invitation = {
  addresses: ['127.0.0.1:4222', '[::1]:4222'],
  tls: true,
  prefix: 'parley',
  cluster: 'parley',
  inviter: 'alpha',
  ca: '-----BEGIN CERTIFICATE-----\n…',
  password: 'p',
  id: 'i',
  secret: newSecret(),
};

test('invitation - one line there and back, with the blanks of a paste around it', (t) => {
  const line = formatInvitation(INVITATION);
  t.regex(line, /^parley-join-1:[A-Za-z0-9_-]+$/);
  t.deepEqual(parseInvitation(` ${line}\n`), INVITATION);
});

test('invitation - any other text is refused without showing it', (t) => {
  const line = formatInvitation(INVITATION);
  const cuts = fc.nat({ max: line.length - 1 }).map((length) => line.slice(0, length));
  const bodies = fc.json().map((json) => `parley-join-1:${Buffer.from(json).toString('base64url')}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), cuts, bodies), (text) => {
      const error = t.throws(() => parseInvitation(text), { code: 'USAGE' });
      return error !== undefined && !error.message.includes(INVITATION.secret);
    }),
  );
});

test('invitation - an answer opens with its own key only, and unchanged only', (t) => {
  const key = keyOf(INVITATION.secret);
  const sealed = seal(key, { hello: 'world' });
  t.deepEqual(unseal(key, sealed), { hello: 'world' });
  t.throws(() => unseal(keyOf(newSecret()), sealed), { code: 'CLUSTER_INVALID' });
  fc.assert(
    fc.property(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const bytes = Buffer.from(sealed, 'base64url');
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ mask;
      return t.throws(() => unseal(key, bytes.toString('base64url'))) !== undefined;
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => t.throws(() => unseal(key, text)) !== undefined));
});
