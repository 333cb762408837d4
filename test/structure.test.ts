/** Agreements of the house: who may import whom, through which door. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'ava';

const ROOT = resolve(import.meta.dirname, '../..');

/** The folders and files of src, from the top down: each may import only what is on a lower floor, or itself. */
const FLOORS: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['gateway'],
  ['cluster', 'backup'],
  ['network', 'http', 'node', 'demo'],
  ['ownership', 'trace', 'roster', 'orders', 'remote'],
  ['replica'],
  ['routing', 'bus'],
  ['gate', 'desk'],
  ['bridge'],
  ['config'],
  ['message'],
  ['errors', 'log', 'clock'],
];
/** Config and everything above it may know what a bridge is: the page holds types, fields and errors, no behaviour. */
const CONTRACT = 'src/bridge.js';
const NATS_ONLY_IN = 'bus';

interface Import {
  readonly file: string;
  readonly from: string;
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, from = '']) => ({ file, from }));
}

/** `src/bus/streams.ts` → `bus`; `src/log.ts` → `log`. */
function roomOf(path: string): string {
  const [, room = ''] = path.split('/');
  return room.replace(/\.[jt]s$/, '');
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function target({ file, from }: Import): string {
  return relative(ROOT, resolve(ROOT, dirname(file), from));
}

const inSrc = filesUnder('src').flatMap(importsOf);
const relativeInSrc = inSrc.filter(({ from }) => from.startsWith('.'));

test('structure - every room of src has its floor', (t) => {
  const homeless = filesUnder('src').filter((file) => floorOf(roomOf(file)) < 0);
  t.deepEqual(homeless, []);
});

test('structure - imports go down only', (t) => {
  const upward = relativeInSrc.filter((one) => {
    const to = target(one);
    if (to === CONTRACT) return floorOf(roomOf(one.file)) > floorOf('config');
    if (to.startsWith('bridges/')) return !['cli', 'gateway', 'main'].includes(roomOf(one.file));
    if (to.startsWith('control-server/')) return roomOf(one.file) !== 'gateway';
    const from = roomOf(one.file);
    return from !== roomOf(to) && floorOf(from) >= floorOf(roomOf(to));
  });
  t.deepEqual(upward, []);
});

test('structure - outsiders come through the door of a folder', (t) => {
  const climbing = relativeInSrc.filter((one) => {
    const to = target(one);
    const isInside = to.split('/').length > 2 && !/\/index\.js$/.test(to);
    return isInside && roomOf(one.file) !== roomOf(to) && floorOf(roomOf(one.file)) >= 0 && !isContract(one);
  });
  t.deepEqual(climbing, []);
});

/** The page for bridge authors takes single files: it must not load what its folders need. */
function isContract({ file }: Import): boolean {
  return file === 'src/bridge.ts';
}

test('structure - a door only re-exports', (t) => {
  const doors = filesUnder('src').filter((file) => /^src\/[^/]+\/index\.ts$/.test(file));
  const busy = doors.filter((file) => {
    const code = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return code
      .split(';')
      .some((statement) => statement.trim() !== '' && !statement.trim().startsWith('export'));
  });
  t.deepEqual(busy, []);
});

test('structure - only the bus imports nats', (t) => {
  const others = inSrc.filter(({ file, from }) => from === 'nats' && roomOf(file) !== NATS_ONLY_IN);
  t.deepEqual(others, []);
});

test('structure - a bridge imports the bridge page and its client library only', (t) => {
  const bridges = filesUnder('bridges').filter((file) => file !== 'bridges/index.ts');
  const strays = bridges.flatMap(importsOf).filter((one) => {
    if (!one.from.startsWith('.')) return false;
    const to = target(one);
    const own = one.file.split('/').slice(0, 2).join('/');
    return to !== 'src/bridge.js' && !to.startsWith(`${own}/`);
  });
  t.deepEqual(strays, []);
});

test('structure - the control server stands on the rooms below networks, and goes through their doors', (t) => {
  const strays = filesUnder('control-server')
    .flatMap(importsOf)
    .filter((one) => {
      if (!one.from.startsWith('.')) return one.from === 'nats';
      const to = target(one);
      if (to.startsWith('control-server/')) return false;
      const isDoor = /^src\/[^/]+\/index\.js$/.test(to) || /^src\/[^/]+\.js$/.test(to);
      return !isDoor || floorOf(roomOf(to)) <= floorOf('network');
    });
  t.deepEqual(strays, []);
});

test('structure - only main reads arguments, environment and signals, and exits', (t) => {
  const readers = filesUnder('src').filter(
    (file) =>
      file !== 'src/main.ts' &&
      /process\.(argv|env|exit\b|exitCode|on\b|once\b)/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  t.deepEqual(readers, []);
});

test('structure - the console takes types, and what needs no server, from src', (t) => {
  const allowed = ['src/desk.js', 'src/message/markup/index.js'];
  const strays = readdirSync(join(ROOT, 'console/src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => importsOf(join('console/src', name)))
    .filter((one) => one.from.startsWith('.') && target(one).startsWith('src/'))
    .filter((one) => !allowed.includes(target(one)));
  t.deepEqual(strays, []);
});
