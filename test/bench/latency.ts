import WebSocket from 'ws';
import { BenchClient } from './irc-client.js';
import type { Figure } from './report.js';
import { SseClient } from './sse-client.js';
import type { Stage } from './stage.js';
import { type Spread, spreadOf } from './stats.js';

const MARK = /bench-(\w+)-(\d+)/;

/** Sends `count` numbered lines at `perSecond` and times each until the other side hears it. */
export async function timed(
  label: string,
  pace: { readonly perSecond: number; readonly count: number },
  send: (text: string) => void,
  listen: (heard: (line: string) => void) => void,
): Promise<Spread> {
  const sentAt: number[] = [];
  const samples: number[] = [];
  const done = new Promise<void>((resolve, reject) => {
    const deadline = setTimeout(
      () => reject(new Error(`${label}: ${samples.length} of ${pace.count} arrived`)),
      60_000,
    );
    listen((line) => {
      const [, name, number] = MARK.exec(line) ?? [];
      if (name !== label) return;
      samples.push(performance.now() - (sentAt[Number(number)] ?? Number.NaN));
      if (samples.length < pace.count) return;
      clearTimeout(deadline);
      resolve();
    });
  });
  for (let i = 0; i < pace.count; i++) {
    sentAt[i] = performance.now();
    send(`bench-${label}-${i}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 / pace.perSecond));
  }
  await done;
  return spreadOf(samples);
}

function say(client: BenchClient, channel = '#bench'): (text: string) => void {
  return (text) => client.send(`PRIVMSG ${channel} :${text}\r\n`);
}

export async function latency(stage: Stage): Promise<readonly Figure[]> {
  const speaker = await BenchClient.join(stage.one.port, 'speaker', '#bench');
  const listener = await BenchClient.join(stage.two.port, 'listener', '#bench');
  await timed('warm', { perSecond: 500, count: 1_000 }, say(speaker), hear(listener));
  const floor = await floorOf(stage);
  const at20 = await timed('twenty', { perSecond: 20, count: 200 }, say(speaker), hear(listener));
  const at50 = await timed('fifty', { perSecond: 50, count: 500 }, say(speaker), hear(listener));
  const post = await timed('post', { perSecond: 50, count: 250 }, poster(stage), hear(listener));
  // Each further listener in this process would take from the machine what is measured.
  listener.close();
  const sse = await overSse(stage, speaker);
  const socket = await overWebSocket(stage, speaker);
  speaker.close();
  return [
    figure('floor: two clients, one server', floor, floor),
    ...held('IRC to IRC, 20/s', at20, floor, 1.2, 5),
    ...held('IRC to IRC, 50/s', at50, floor, 1.2, 5),
    ...held('POST to IRC, 50/s', post, floor, 1.8),
    ...held('IRC to SSE, 50/s', sse, floor, 1.5),
    ...held('IRC to WebSocket, 50/s', socket, floor, 1.5),
  ];
}

function hear(client: BenchClient): (heard: (line: string) => void) => void {
  return (heard) => {
    client.onLine = heard;
  };
}

/** Two clients in a channel that Parley is not in. */
async function floorOf(stage: Stage): Promise<Spread> {
  const speaker = await BenchClient.join(stage.one.port, 'before', '#floor');
  const neighbour = await BenchClient.join(stage.one.port, 'neighbour', '#floor');
  await timed('early', { perSecond: 500, count: 500 }, say(speaker, '#floor'), hear(neighbour));
  const floor = await timed('floor', { perSecond: 50, count: 250 }, say(speaker, '#floor'), hear(neighbour));
  for (const client of [speaker, neighbour]) client.close();
  return floor;
}

function figure(name: string, { p50 }: Spread, floor: Spread): Figure {
  return { section: 'latency', name: `${name}, p50`, value: p50, unit: 'ms', timesFloor: p50 / floor.p50 };
}

function held(name: string, spread: Spread, floor: Spread, p50: number, p99?: number): readonly Figure[] {
  const tail: Figure = { section: 'latency', name: `${name}, p99`, value: spread.p99, unit: 'ms' };
  return [
    { ...figure(name, spread, floor), target: { sign: '<=', value: p50 } },
    p99 === undefined ? tail : { ...tail, target: { sign: '<=', value: p99 } },
  ];
}

function poster(stage: Stage): (text: string) => void {
  return (text) => void stage.post('bench', text);
}

async function overSse(stage: Stage, speaker: BenchClient): Promise<Spread> {
  const client = await SseClient.open(stage.http, '/v1/rooms/bench/stream', stage.token);
  const spread = await timed('sse', { perSecond: 50, count: 250 }, say(speaker), (heard) =>
    client.listen(heard),
  );
  client.close();
  return spread;
}

async function overWebSocket(stage: Stage, speaker: BenchClient): Promise<Spread> {
  const url = `${stage.http.replace('http', 'ws')}/v1/rooms/bench/stream`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${stage.token}` } });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const listen = (heard: (line: string) => void) => {
    socket.on('message', (data) => heard(String(data)));
  };
  const spread = await timed('ws', { perSecond: 50, count: 250 }, say(speaker), listen);
  socket.close();
  return spread;
}
