import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { ParleyError } from '../../src/errors.js';
import {
  checkCertificate,
  checkClusterState,
  checkHost,
  createAuthority,
  createKey,
  describeCertificate,
  issueCertificate,
  onlyAuthority,
  withAuthority,
} from '../../src/node/index.js';

const FROM = { ca: 'ca.pem', cert: 'node.pem', key: 'node.key' };
const NAMES = { name: 'alpha', hosts: ['alpha.example.org', '192.0.2.7', '::1'] };

test('ca - a certificate holds for its hosts and no other', async (t) => {
  const authority = await createAuthority('parley');
  const { key, request } = await createKey('alpha');
  const cert = await issueCertificate(authority, request, NAMES);
  const info = checkCertificate({ ca: authority.cert, cert, key, from: FROM });
  t.is(info.subject, 'CN=alpha');
  t.true(checkHost(info, 'ALPHA.example.org') && checkHost(info, '192.0.2.7'));
  t.true(checkHost(info, '::1') && checkHost(info, '0:0:0:0:0:0:0:1'));
  t.deepEqual(info.hosts, NAMES.hosts);
  t.false(checkHost(info, 'beta.example.org'));
  t.true(checkHost({ ...info, hosts: ['*.example.org'] }, 'beta.example.org'));
  t.false(checkHost({ ...info, hosts: ['*.example.org'] }, 'a.beta.example.org'));
});

test('ca - the names are those that the CA was told, not those of the request', async (t) => {
  const authority = await createAuthority('parley');
  const { request } = await createKey('beta');
  const info = describeCertificate(await issueCertificate(authority, request, NAMES));
  t.is(info.subject, 'CN=alpha');
});

test('ca - a certificate that has expired, or does not hold yet, is told from a good one', async (t) => {
  const authority = await createAuthority('parley');
  const { key, request } = await createKey('alpha');
  const cert = await issueCertificate(authority, request, NAMES, 10);
  const texts = { ca: authority.cert, cert, key, from: FROM };
  const later = new Date(Date.now() + 11 * 86_400_000);
  t.throws(() => checkCertificate(texts, later), {
    message: /^node\.pem: it expired/,
    code: 'CERTIFICATE_INVALID',
  });
  t.throws(() => checkCertificate(texts, new Date(0)), { message: /this machine's clock/ });
});

test('ca - no certificate outlives its CA', async (t) => {
  const authority = await createAuthority('parley', 5);
  const { request } = await createKey('alpha');
  const cert = describeCertificate(await issueCertificate(authority, request, NAMES, 100));
  t.deepEqual(cert.notAfter, describeCertificate(authority.cert).notAfter);
});

test('ca - two CAs can be trusted at once, and one of them dropped', async (t) => {
  const [one, two] = await Promise.all([createAuthority('one'), createAuthority('two')]);
  const both = withAuthority(two.cert, one.cert);
  t.is(withAuthority(both, one.cert), both, 'each once');
  for (const authority of [one, two]) {
    const { key, request } = await createKey('alpha');
    const cert = await issueCertificate(authority, request, NAMES);
    t.notThrows(() => checkCertificate({ ca: both, cert, key, from: FROM }));
    const rest = onlyAuthority(both, describeCertificate(two.cert).fingerprint);
    const check = () => checkCertificate({ ca: rest, cert, key, from: FROM });
    if (authority === two) t.notThrows(check);
    else t.throws(check, { message: /not signed by a CA of ca\.pem/ });
  }
});

test('ca - a request that was changed on its way is refused', async (t) => {
  const authority = await createAuthority('parley');
  const { request } = await createKey('alpha');
  const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = der.length - 5;
  der[at] = (der[at] ?? 0) ^ 1;
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  await t.throwsAsync(issueCertificate(authority, changed, NAMES), { code: 'CERTIFICATE_INVALID' });
});

test('ca - a request that is anything at all is issued or refused, never a fault', async (t) => {
  const authority = await createAuthority('parley');
  const { request } = await createKey('alpha');
  const damaged = fc.nat(request.length - 1).map((at) => request.slice(0, at) + request.slice(at + 3));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), damaged), async (text) => {
      const outcome = await issueCertificate(authority, text, NAMES).then(
        (cert) => describeCertificate(cert).subject === 'CN=alpha',
        (error: unknown) => error instanceof ParleyError && error.code === 'CERTIFICATE_INVALID',
      );
      t.true(outcome, text);
    }),
    { numRuns: 100 },
  );
});

test('ca - names that are none are refused', async (t) => {
  const authority = await createAuthority('parley');
  const { request } = await createKey('alpha');
  for (const host of ['', 'a b', 'alpha.example.org\n', '*', '$(id)', 'a'.repeat(300)]) {
    const attempt = issueCertificate(authority, request, { name: 'alpha', hosts: [host] });
    await t.throwsAsync(attempt, { code: 'CERTIFICATE_INVALID' }, host);
  }
});

test('cluster file - whatever it holds, it is read as a cluster or refused with a place', (t) => {
  const member = fc.record({ name: fc.string(), route: fc.string(), client: fc.string() });
  const state = fc.record({
    version: fc.constantFrom(1, 2),
    mode: fc.constantFrom('alone', 'cluster', 'leaf', 'other'),
    cluster: fc.constantFrom('test', '', 'a b', randomBytes(8).toString('hex')),
    self: fc.string(),
    members: fc.array(fc.oneof(member, fc.constant({ name: 'a', route: 'h:1', client: 'h:2' }))),
  });
  fc.assert(
    fc.property(fc.oneof(state, fc.anything()), (value) => {
      try {
        const { members, mode } = checkClusterState(value, 'cluster.json');
        t.true(mode !== 'cluster' || members.length >= 3);
      } catch (error) {
        t.true(error instanceof ParleyError && error.code === 'CLUSTER_INVALID');
        t.true(error instanceof ParleyError && error.message.startsWith('cluster.json: '));
      }
    }),
  );
});
