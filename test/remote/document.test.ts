import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {
  type Document,
  makeKey,
  readDocument,
  signerOf,
  toXml,
  withChannel,
  withDocuments,
  withoutChannel,
  XSD,
} from '../../src/remote/index.js';
import { isSigned } from '../../src/remote/signature.js';
import { fromXml } from '../../src/remote/xml.js';
import { loadText } from '../config/loading.js';
import { temporaryDirectory } from '../peers/index.js';

const run = promisify(execFile);

const TEXT = `# ours
channels:
  - { network: quakenet, channel: "#qw", room: quakeworld } # the main one
bans:
  - { by: mask, target: "*!*@*.example.net", reason: "open proxies" }
  - { by: nick, kind: mute, target: "spam*", room: quakeworld, until: "2030-01-01T00:00:00Z" }
`;

function documentOf(text: string): Document {
  const { value, faults } = readDocument(text, 'main');
  if (value === null) throw new Error(JSON.stringify(faults));
  return value;
}

test('document - what is wrong is named with its place, and how to mend it', (t) => {
  const { value, faults } = readDocument(
    'channels:\n  - { network: quakenet, chanel: "#qw", room: "a b" }\nbans:\n  - { by: text, target: "(" }\n',
    'main',
  );
  t.is(value, null);
  const places = faults.map(({ line, path }) => `${line} ${path}`);
  t.true(
    places.some((place) => place.startsWith('2 channels[0].chanel')),
    String(places),
  );
  t.true(
    places.some((place) => place.startsWith('2 channels[0].room')),
    String(places),
  );
  t.true(
    places.some((place) => place.startsWith('4 bans[0].target')),
    String(places),
  );
  t.is(readDocument('channels: [', 'main').value, null);
  t.deepEqual(readDocument('', 'main').value, { channels: [], bans: [] });
});

test('document - a line break or a control character is refused in every text', (t) => {
  for (const field of ['channel: "#a\\r\\nQUIT"', 'channel: "#a\\u0000"', 'channel: "#a\\u2028"']) {
    t.is(readDocument(`channels: [ { network: a, room: b, ${field} } ]`, 'main').value, null, field);
  }
  t.is(readDocument('bans: [ { by: nick, target: "a b" } ]', 'main').value, null);
  t.is(readDocument('bans: [ { by: mask, target: "noone" } ]', 'main').value, null);
});

const plain = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter(
    (text) =>
      readDocument(`bans: [ { by: author, target: x, reason: ${JSON.stringify(text)} } ]`, 'm').value !==
      null,
  );

test('document - as XML it says the same, whatever is in it, and keeps to its schema', async (t) => {
  const xsd = join(await temporaryDirectory(t, 'xsd'), 'config.xsd');
  await writeFile(xsd, XSD);
  const files: string[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 5 }), async (texts) => {
      const document = documentOf(
        JSON.stringify({
          channels: texts.map((text) => ({
            network: 'one',
            channel: `#${text}`,
            room: 'r',
            direction: 'in',
          })),
          bans: texts.map((text) => ({ by: 'author', target: 'irc:one:nick:x', reason: text, kind: 'mute' })),
        }),
      );
      const xml = toXml(document, 'main', 7);
      t.deepEqual(fromXml(xml), document);
      const file = `${xsd}.${files.length}.xml`;
      files.push(file);
      await writeFile(file, xml);
    }),
    { numRuns: 60 },
  );
  const empty = `${xsd}.empty.xml`;
  await writeFile(empty, toXml(documentOf(TEXT), 'main', 1));
  await t.notThrowsAsync(run('xmllint', ['--noout', '--schema', xsd, empty, ...files]));
});

test('document - XML that declares entities, or says something else, is refused', (t) => {
  const bomb =
    '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><parley xmlns="urn:parley:config:1"><ban by="nick" target="&b;"/></parley>';
  t.throws(() => fromXml(bomb), { message: /document type/ });
  t.throws(() => fromXml('<parley><ban by="nick" target="x"/></parley>'), { message: /urn:parley/ });
  t.throws(() => fromXml('<parley xmlns="urn:parley:config:1"><ban by="nick"/></parley>'), {
    message: /bans/,
  });
  t.throws(() => fromXml('<parley'), { message: /line 1/ });
});

test('document - a signature holds for these bytes and this key alone', (t) => {
  const [one, other] = [makeKey(), makeKey()];
  const bytes = Buffer.from(TEXT);
  const header = signerOf(one.pem)(bytes);
  t.true(isSigned(bytes, header, one.publicKey));
  t.false(isSigned(Buffer.from(`${TEXT} `), header, one.publicKey));
  t.false(isSigned(bytes, header, other.publicKey));
  t.false(isSigned(bytes, null, one.publicKey));
  t.false(isSigned(bytes, 'ed25519=:AAAA:', one.publicKey));
  t.throws(() => signerOf('no key'), { message: /signingKey/ });
});

test('document - a small change keeps what people wrote around it', (t) => {
  const more = withChannel(TEXT, { network: 'libera', channel: '#qw', room: 'quakeworld' });
  t.regex(more, /# ours/);
  t.regex(more, /# the main one/);
  t.is(documentOf(more).channels.length, 2);
  t.throws(() => withChannel(more, { network: 'libera', channel: '#qw', room: 'other' }), {
    message: /already/,
  });
  t.is(
    documentOf(withoutChannel(more, { network: 'quakenet', channel: '#qw' })).channels[0]?.network,
    'libera',
  );
  t.throws(() => withoutChannel(TEXT, { network: 'quakenet', channel: '#no' }), { message: /has no/ });
  t.is(documentOf(withChannel('', { network: 'a', channel: '#b', room: 'c' })).channels.length, 1);
});

test('document - the file wins over documents, and one over those behind it', async (t) => {
  const { config } = await loadText(
    t,
    'networks: { one: { bridge: irc, host: 127.0.0.1, tls: false, nick: p } }\nrooms: { lobby: { channels: [ { one: "#a" } ] } }\n',
  );
  const channel = (name: string, room: string, network = 'one') => ({
    network,
    channel: name,
    room,
    direction: 'both' as const,
  });
  const first: Document = {
    channels: [channel('#a', 'other'), channel('#b', 'lobby'), channel('#x', 'fresh')],
    bans: [],
  };
  const second: Document = {
    channels: [channel('#b', 'fresh'), channel('#c', 'lobby', 'none'), channel('bad', 'lobby')],
    bans: [],
  };
  const { config: laid, passedOver } = withDocuments(
    config,
    [
      ['first', first],
      ['second', second],
    ],
    (_, name) => (name === 'bad' ? 'no channel' : null),
  );
  const rooms = [...laid.rooms].map(
    ([room, { channels }]) => `${room}: ${channels.map((one) => one.channel).join(' ')}`,
  );
  t.deepEqual(rooms, ['lobby: #a #b', 'fresh: #x']);
  t.is(passedOver.length, 4);
  t.regex(passedOver[0] ?? '', /first: one #a.*in lobby, not in other/);
});
