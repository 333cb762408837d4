import { readdir, readFile } from 'node:fs/promises';
import test from 'ava';
import { ircConfig } from '../../bridges/irc/config.js';
import irc from '../../bridges/irc/index.js';

const page = await readFile('docs/irc.md', 'utf8');
const files = (await readdir('bridges/irc')).map((file) => readFile(`bridges/irc/${file}`, 'utf8'));
const source = (await Promise.all(files)).join('\n');

test('docs/irc.md - every numeric has the name that the bridge gives it', (t) => {
  const numerics = [...page.matchAll(/`(\d{3}) (ERR_[A-Z]+)`/g)];
  t.true(numerics.length > 9);
  for (const [, numeric, name] of numerics) {
    t.true(
      source.includes(`'${numeric}': '${name}'`) || source.includes(`${numeric} ${name}`),
      `${numeric} ${name}`,
    );
  }
});

test('docs/irc.md - the flood limit it gives as default is the default', (t) => {
  const { burst, perSecond } = irc.capabilities.flood;
  t.true(page.includes(`leave it out: \`{ burst: ${burst}, perSecond: ${perSecond} }\``));
});

test('docs/irc.md - its reasons are those that the bridge gives', (t) => {
  const reasons = ['the server does not speak TLS on this port', 'certificate not accepted', 'login refused'];
  const more = [
    'login did not complete',
    'the server does not offer it',
    'no nick was accepted',
    'no answer to JOIN',
  ];
  for (const reason of [...reasons, ...more]) {
    t.true(source.includes(reason), reason);
    t.true(page.includes(reason), reason);
  }
});

test('docs/irc.md - its config keys exist', (t) => {
  const known = Object.keys(ircConfig.shape);
  for (const key of [
    'tls',
    'nick',
    'alternates',
    'sasl',
    'services',
    'password',
    'regainInterval',
    'rejoin',
    'mark',
  ]) {
    t.true(known.includes(key), key);
    t.true(page.includes(key), key);
  }
});
