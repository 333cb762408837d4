import test from 'ava';
import { diffConfig } from '../../src/config/index.js';
import { faultLines, loadText } from './loading.js';

test('access config - by default there is no owner, and operators of channels are nobody', async (t) => {
  const { config } = await loadText(t, 'networks: {}\n');
  t.deepEqual(config.access, { owners: [], channelOperators: null });
});

test('access config - owners are accounts, written as people do or whole', async (t) => {
  const owners = '[zappater@quakenet, "irc:quakenet:account:other", "http:portal:portal"]';
  const { config } = await loadText(t, `access: { owners: ${owners}, channelOperators: moderator }\n`);
  t.deepEqual(config.access, {
    owners: ['zappater@quakenet', 'irc:quakenet:account:other', 'http:portal:portal'],
    channelOperators: 'moderator',
  });
});

test('access config - a nick is no owner, and a channel makes no owners', async (t) => {
  const [nick = '', role = ''] = await faultLines(
    t,
    'access: { owners: [zappater], channelOperators: owner }\n',
  );
  t.regex(nick, /access\.owners\[0\]: expected an account such as "zappater@quakenet"/);
  t.regex(nick, /whoami/);
  t.regex(role, /access\.channelOperators/);
});

test('access config - an owner on a network that is not there is a warning', async (t) => {
  const { warnings } = await loadText(t, 'access: { owners: [a@nowhere, "http:x@y:z"] }\n');
  t.deepEqual(warnings, ['access.owners: "a@nowhere" is nobody, because there is no network "nowhere".']);
});

test('access config - a reload takes it over', async (t) => {
  const before = await loadText(t, 'access: { owners: [a@b] }\n');
  const after = await loadText(t, 'access: { owners: [c@d] }\n');
  const { other } = diffConfig(before.config, after.config);
  t.false(other.find(({ part }) => part === 'access')?.restart);
});
