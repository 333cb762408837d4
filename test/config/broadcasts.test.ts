import { readFile } from 'node:fs/promises';
import test from 'ava';
import { faultLines, loadText, NETWORKS } from './loading.js';

const ROOMS = `${NETWORKS}rooms:
  qw: { channels: [quakenet: "#qw"] }
  duel: { channels: [undernet: "#duel"] }
`;

function withList(fields: string): string {
  return `${ROOMS}broadcasts: { lists: { qw: { commands: [".qw"], ${fields} } } }\n`;
}

test('config - a broadcast list needs no more than what calls it', async (t) => {
  const { config, warnings } = await loadText(t, withList(''));
  t.deepEqual(warnings, []);
  t.like(config.broadcasts.lists[0], {
    name: 'qw',
    commands: ['.qw'],
    hear: null,
    call: null,
    who: 'anyone',
    cooldown: { personMs: 300_000, channelMs: 60_000, overallMs: 30_000 },
    repeats: { withinMs: 1_800_000, similarity: 0.7 },
    format: '-{list}- {nick} - {channel} : {text}',
    maxAgeMs: 600_000,
    echo: true,
    dryRun: false,
  });
  t.is(config.broadcasts.warnings?.limit, 3);
});

test('config - without the section there are no broadcast lists', async (t) => {
  const { config } = await loadText(t, ROOMS);
  t.deepEqual(config.broadcasts.lists, []);
});

test('config - quiet hours become minutes, and `off` takes the warnings away', async (t) => {
  const { config } = await loadText(
    t,
    `${ROOMS}broadcasts:
  quiet: [{ rooms: [duel], from: "23:30", to: "08:00", zone: Europe/Helsinki }]
  warnings: off
`,
  );
  t.deepEqual(config.broadcasts.quiet, [
    { rooms: ['duel'], fromMinute: 1410, toMinute: 480, zone: 'Europe/Helsinki' },
  ]);
  t.is(config.broadcasts.warnings, null);
});

for (const [what, fields, fault] of [
  ['a word without a prefix', 'commands: [qw]', /commands\[0\]: expected a word with its prefix/],
  [
    'a format that callers begin',
    'format: "{nick}: {text}"',
    /format: expected a line that begins with \{list\}/,
  ],
  ['a format without the text', 'format: "-{list}- {nick}"', /format: expected a text with \{text\} once/],
  ['an unknown place in the format', 'format: "-{list}- {nik} {text}"', /format: .*Did you mean "nick"/],
  [
    'a time zone that is none',
    'quiet: [{ from: "01:00", to: "02:00", zone: Sweden/Lund }]',
    /a time zone such as/,
  ],
  [
    'hours that are all day',
    'quiet: [{ from: "01:00", to: "01:00", zone: UTC }]',
    /another time than `from`/,
  ],
  [
    'a time of day that is none',
    'quiet: [{ from: "25:00", to: "01:00", zone: UTC }]',
    /a time of day such as/,
  ],
  ['a misspelt key', 'cooldwn: {}', /Did you mean "cooldown"/],
] as const) {
  test(`config - broadcasts: ${what} is a fault`, async (t) => {
    const key = fields.startsWith('commands') ? `{ ${fields} }` : `{ commands: [".qw"], ${fields} }`;
    const lines = await faultLines(t, `${ROOMS}broadcasts: { lists: { qw: ${key} } }\n`);
    t.is(lines.length, 1);
    t.regex(lines[0] ?? '', fault);
  });
}

test('config - broadcasts: two lists cannot have the same command, nor one of the control server', async (t) => {
  const lines = await faultLines(
    t,
    `${ROOMS}broadcasts:
  lists:
    qw: { commands: [".qw"] }
    other: { commands: ["!qw"] }
    taken: { commands: [".status"] }
`,
  );
  t.is(lines.length, 2);
  t.regex(lines[0] ?? '', /other\.commands\[0\]: expected a word of its own .*"qw" belongs to qw already/);
  t.regex(lines[1] ?? '', /taken\.commands\[0\]: .*"status" belongs to the control server/);
});

test('config - broadcasts: texts may only have places that are filled in', async (t) => {
  const lines = await faultLines(t, `${ROOMS}broadcasts: { texts: { person: "Vänta {agian}" } }\n`);
  t.regex(lines[0] ?? '', /texts\.person: .*Did you mean "again"/);
});

test('config - broadcasts: rooms that do not exist are warned of', async (t) => {
  const { warnings } = await loadText(t, withList('hear: [qw, gone], call: [lost]'));
  t.deepEqual(warnings, [
    'broadcasts.lists.qw.hear: there is no room gone.',
    'broadcasts.lists.qw.call: there is no room lost.',
  ]);
});

test('config - broadcasts: what the page about them shows loads without a warning', async (t) => {
  const page = await readFile(new URL('../../../docs/control.md', import.meta.url), 'utf8');
  const [, block = ''] = /```yaml\n(broadcasts:\n[\s\S]*?)```/.exec(page) ?? [];
  const rooms = ['quakeworld', 'duel', 'news'].map(
    (room) => `  ${room}: { channels: [quakenet: "#${room}"] }`,
  );
  const { config, warnings } = await loadText(t, `${NETWORKS}rooms:\n${rooms.join('\n')}\n${block}`);
  t.deepEqual(
    warnings.filter((warning) => warning.startsWith('broadcasts')),
    [],
  );
  t.deepEqual(
    config.broadcasts.lists.map(({ name }) => name),
    ['qw', 'spam'],
  );
});
