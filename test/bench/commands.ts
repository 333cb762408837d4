/** Commands: what an answer costs beyond the way there and back, many at once, and what a flood costs the others. */
import { setTimeout as pause } from 'node:timers/promises';
import { BenchClient } from './irc-client.js';
import { timed } from './latency.js';
import type { Figure } from './report.js';
import type { Stage } from './stage.js';
import { spreadOf } from './stats.js';

/** Each person may give five at once. */
const EACH = 5;
const ONE_BY_ONE = 40;
const TOGETHER = 200;
const PER_SECOND = 200;
const FLOOD = 10_000;
const PAUSE_MS = 60;

export async function commands(stage: Stage): Promise<readonly Figure[]> {
  const floor = await thereAndBack(stage);
  const one = await oneByOne(stage);
  const many = await together(stage);
  const { before, during } = await besideFlood(stage);
  const figure = (name: string, value: number, more: Partial<Figure> = {}): Figure => {
    return { section: 'commands', name, value, unit: 'ms', ...more };
  };
  return [
    figure('floor: a line and an answer, one server, p50', floor),
    figure('a command and its answer, above the floor, p50', one - floor, {
      target: { sign: '<=', value: 10 },
    }),
    figure(`${TOGETHER * EACH} commands, answered`, many.perSecond, {
      unit: '/s',
      // The last person's come when nobody else's do any more.
      target: { sign: '>=', value: PER_SECOND * 0.9 },
    }),
    figure(`at ${PER_SECOND}/s, p99`, many.p99),
    figure(`${FLOOD} commands of one: what a line of others takes longer, p50`, during - before, {
      target: { sign: '<=', value: 0.5 },
    }),
  ];
}

/** Somebody says a line and somebody else answers it, in a channel without Parley. */
async function thereAndBack({ one }: Stage): Promise<number> {
  const asker = await BenchClient.join(one.port, 'asker', '#apart');
  const answerer = await BenchClient.join(one.port, 'answerer', '#apart');
  answerer.onLine = (line) => {
    if (line.includes('question')) answerer.send('PRIVMSG asker :pong\r\n');
  };
  const samples = await timesOf(asker, 'PRIVMSG #apart :question', 200);
  for (const client of [asker, answerer]) client.close();
  return spreadOf(samples).p50;
}

/**
 * With a pause before each: ngircd lets TCP collect what it sends (RFC 896), so a line to Parley within 40 ms of the PONG to
 * Parley's last barrier waits for its acknowledgement. People are not that quick.
 */
async function timesOf(client: BenchClient, line: string, count: number): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let i = 0; i < count; i += 1) {
    await pause(PAUSE_MS);
    const answered = client.until((each) => each.includes('pong'));
    const startedMs = performance.now();
    client.send(`${line}\r\n`);
    await answered;
    samples.push(performance.now() - startedMs);
  }
  return samples;
}

async function oneByOne(stage: Stage): Promise<number> {
  const people = await crowd(stage, 'one', ONE_BY_ONE);
  const samples: number[] = [];
  for (const person of people) samples.push(...(await timesOf(person, 'PRIVMSG parley :ping', EACH)));
  for (const person of people) person.close();
  return spreadOf(samples).p50;
}

/** Said to the bot alone, so that not everybody hears every answer. */
async function together(stage: Stage): Promise<{ readonly perSecond: number; readonly p99: number }> {
  const people = await crowd(stage, 'many', TOGETHER);
  const startedMs = performance.now();
  const all: Promise<readonly number[]>[] = [];
  for (const [index, person] of people.entries()) {
    // Each sends his five one after the other; they begin so that all of them come to the wanted pace.
    await pause(Math.max(0, startedMs + (index * EACH * 1000) / PER_SECOND - performance.now()));
    all.push(timesOf(person, 'PRIVMSG parley :ping', EACH));
  }
  const samples = (await Promise.all(all)).flat();
  const seconds = (performance.now() - startedMs) / 1000;
  for (const person of people) person.close();
  return { perSecond: samples.length / seconds, p99: spreadOf(samples).p99 };
}

async function crowd(stage: Stage, name: string, size: number): Promise<readonly BenchClient[]> {
  const people: BenchClient[] = [];
  for (let i = 0; i < size; i += 1) {
    people.push(await BenchClient.join(stage.one.port, `${name}${i}`, `#${name}${i}`));
  }
  return people;
}

async function besideFlood(stage: Stage): Promise<{ readonly before: number; readonly during: number }> {
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#bench');
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  const flooder = await BenchClient.join(stage.one.port, 'flooder', '#flood');
  const measure = (label: string) =>
    timed(
      label,
      { perSecond: 50, count: 250 },
      (text) => speaker.send(`PRIVMSG #bench :${text}\r\n`),
      (heard) => {
        listener.onLine = heard;
      },
    );
  await measure('warm');
  const before = await measure('quiet');
  const line = 'PRIVMSG parley :ping\r\n'.repeat(100);
  let sent = 0;
  // As long as the measuring takes: five seconds.
  const flooding = setInterval(() => {
    if (sent >= FLOOD) return;
    flooder.send(line);
    sent += 100;
  }, 50);
  const during = await measure('flooded');
  clearInterval(flooding);
  for (const client of [speaker, listener, flooder]) client.close();
  return { before: before.p50, during: during.p50 };
}
