import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { ConfigError, diffConfig, formatDiff } from '../../src/config/index.js';
import { faultLines, files, load, loadText } from './loading.js';

const SECRET = 'hunter2-hunter2';

function network(fields: string): string {
  return `networks:\n  a: { bridge: irc, host: a.example, nick: parley, ${fields} }\n`;
}

test('config secrets - a variable is put in, anywhere in a text', async (t) => {
  const { config, text } = await loadText(t, network(`password: "a-\${PW}-b"`), { PW: SECRET });
  t.like(config.networks.get('a')?.settings, { password: `a-${SECRET}-b` });
  t.false(text.includes(SECRET));
});

test('config secrets - $${ stands for ${ itself', async (t) => {
  const { config } = await loadText(t, network(`realname: "$\${PW}"`), { PW: SECRET });
  t.like(config.networks.get('a')?.settings, { realname: `\${PW}` });
});

test('config secrets - a variable becomes a number or a switch where one is wanted', async (t) => {
  const env = { PORT: '6667', TLS: 'false', NICK: '12' };
  const yaml = `networks:\n  a: { bridge: irc, host: h, port: \${PORT}, tls: \${TLS}, nick: \${NICK} }\n`;
  const { config } = await loadText(t, yaml.replaceAll(/\$\{(\w+)\}/g, `"\${$1}"`), env);
  t.like(config.networks.get('a')?.settings, { port: 6667, tls: false, nick: '12' });
});

test('config secrets - a variable that is not set is a fault that names it', async (t) => {
  const lines = await faultLines(t, network(`password: "\${QN_PASWORD}"`), { QN_PASSWORD: SECRET });
  t.is(lines.length, 1);
  t.regex(
    lines[0] ?? '',
    /:2:\d+ networks\.a\.password: expected the environment variable QN_PASWORD to be set, got none\. Did you mean "QN_PASSWORD"\?$/,
  );
});

test('config secrets - a variable that is never closed is a fault', async (t) => {
  const lines = await faultLines(t, network(`realname: "\${PW"`), { PW: SECRET });
  t.regex(lines[0] ?? '', /expected the name of an environment variable in braces/);
});

test('config secrets - a file is read relative to the config, without the line break at its end', async (t) => {
  const { directory, write } = await files(t);
  await write('etc/secrets/irc', `${SECRET}\n`);
  await write('etc/parley.yaml', network('password: "file:secrets/irc"'));
  const { config } = await load('etc/parley.yaml', directory);
  t.like(config.networks.get('a')?.settings, { password: SECRET });
});

test('config secrets - a file that cannot be read is a fault', async (t) => {
  const { directory, write } = await files(t);
  await write('parley.yaml', network('password: "file:nowhere"'));
  const error = await t.throwsAsync(load('parley.yaml', directory), { instanceOf: ConfigError });
  t.true(
    error.message.includes(`expected a file with the secret at ${join(directory, 'nowhere')}, got none.`),
  );
});

test('config secrets - file: means nothing in a field that is no secret', async (t) => {
  const { config } = await loadText(t, network('realname: "file:nowhere"'));
  t.like(config.networks.get('a')?.settings, { realname: 'file:nowhere' });
});

test('config secrets - paths of certificates are absolute, relative to the config', async (t) => {
  const { directory, write } = await files(t);
  await write('etc/ca.pem', 'a certificate');
  await write('etc/parley.yaml', network('tls: { ca: ca.pem }'));
  const { config } = await load('etc/parley.yaml', directory);
  t.like(config.networks.get('a')?.settings, { tls: { verify: true, ca: join(directory, 'etc/ca.pem') } });
});

test('config secrets - a certificate that is not there is a fault', async (t) => {
  const lines = await faultLines(t, network('tls: { ca: ca.pem }'));
  t.regex(lines[0] ?? '', /networks\.a\.tls\.ca: expected a readable file at .*ca\.pem, got none/);
});

/** Texts with the secret in a place where it is wrong. */
const MISPLACED: readonly string[] = [
  network(`password: [${SECRET}]`),
  network(`password: { text: ${SECRET} }`),
  network(`sasl: ${SECRET}`),
  network(`sasl: { account: a, pasword: ${SECRET} }`),
  network(`pasword: ${SECRET}`),
  network(`port: \${PW}`.replace(/\$\{PW\}/, `"\${PW}"`)),
  network(`tls: "\${PW}"`),
  network(`nickFormat: "{\${PW}}"`),
  network(`password: "${SECRET}`),
  network(`password: "${SECRET}\\q"`),
  network(`password: ${SECRET}: ${SECRET}`),
  network(`password: !${SECRET} x`),
  network(`password: "file:\${PW}"`),
  `backbone: { servers: ["nats://parley:${SECRET}@"] }`,
  `backbone: { servers: [], user: 1, password: [${SECRET}], token: { a: ${SECRET} } }`,
  `http: { tokens: [{ name: a, hash: ${SECRET}, scopes: [read] }] }`,
  `${network('colorNicks: true')}rooms: { r: { channels: [{ a: "#a", key: [${SECRET}] }] } }`,
  `${network('colorNicks: true')}rooms: { r: { channels: [{ a: "\${PW}" }] } }`,
  `${network('colorNicks: true')}rooms: { r: { channels: [{ a: "#a", filter: { ignoreText: ["(\${PW}"] } }] } }`,
];

for (const [index, text] of MISPLACED.entries()) {
  test(`config secrets - a fault never shows one (${index})`, async (t) => {
    const error = await t.throwsAsync(loadText(t, text, { PW: SECRET }), { instanceOf: ConfigError });
    t.false(JSON.stringify([error.message, error.stack, error.faults]).includes(SECRET), error.message);
  });
}

test('config secrets - a wrong secret is told by its length only', async (t) => {
  const lines = await faultLines(t, `http: { tokens: [{ name: a, hash: ${SECRET}, scopes: [read] }] }`);
  t.regex(lines[0] ?? '', /got a text of 15 characters\./);
});

const noise = fc.string({ maxLength: 6 }).map((text) => text.replaceAll(':', ''));

test('config secrets - broken YAML around a secret never shows it', async (t) => {
  await fc.assert(
    // A colon and a comma would make a key with a value of the secret; keys are shown.
    fc.asyncProperty(noise, noise, async (before, after) => {
      try {
        await loadText(t, network(`sasl: { account: a, password: ${before}${SECRET}${after} }`));
      } catch (error) {
        if (!(error instanceof ConfigError) || error.message.includes(SECRET)) throw error;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('config secrets - a diff says that one changed, not what it is', async (t) => {
  const text = (password: string) =>
    `${network(`sasl: { account: a, password: ${password} }`)}rooms: { r: { channels: [{ a: "#a", key: ${password} }] } }
backbone: { servers: ["nats://u:${password}@localhost"], user: u, password: ${password} }`;
  const before = await loadText(t, text(`${SECRET}1`));
  const after = await loadText(t, text(`${SECRET}2`));
  const diff = diffConfig(before.config, after.config);
  t.false(JSON.stringify(diff).includes(SECRET));
  const lines = formatDiff(diff).split('\n');
  t.true(lines.includes('  ~ sasl: changed'));
  t.true(lines.includes('    ~ key: changed'));
  t.true(lines.includes('  ~ password: changed'));
});
