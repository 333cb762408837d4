/**
 * The way back of save.ts: the server names a subject, takes the bytes there chunk by chunk, answers each, and with the
 * last (empty) one tells what it made of them. In a cluster its leader does that, and the copies follow.
 */
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { JSONCodec, type NatsConnection } from 'nats';
import { ParleyError } from '../../errors.js';
import { NO_PLACE } from '../api-errors.js';
import type { Progress, SavedStream } from './types.js';

const CHUNK_BYTES = 128 * 1024;
/** Sent without waiting for their answers. */
const WINDOW = 8;
const CHUNK_MS = 30_000;
/** The server that was chosen leads the new stream within a second. Where another one does, nobody ever answers. */
const ASK_MS = 10_000;
/** The last answer comes when the server has unpacked everything. */
const UNPACK_MS = 10 * 60_000;
const PLACES_MS = 60_000;
const PLACES_LOOK_MS = 300;
const codec = JSONCodec<RestoreAnswer>();

interface RestoreAnswer {
  readonly error?: { readonly description: string };
  readonly deliver_subject?: string;
}

export async function sendSnapshot(
  nats: NatsConnection,
  saved: SavedStream,
  file: string,
  replicas: number,
  progress: Progress,
): Promise<void> {
  const wanted = { config: { ...saved.config, num_replicas: replicas }, state: saved.serverState };
  const subject = `$JS.API.STREAM.RESTORE.${saved.stream}`;
  const target = await begin(nats, saved.stream, subject, JSONCodec().encode(wanted));
  if (target === undefined) throw failed(saved.stream, 'the server names no place to send it to');
  await sendChunks(nats, saved.stream, target, file, progress);
  const ended = await nats.request(target, new Uint8Array(), { timeout: UNPACK_MS });
  answered(saved.stream, ended.data);
}

/** A leader that was just chosen knows of its own server only: it says so, and is asked again. */
async function begin(nats: NatsConnection, stream: string, subject: string, wanted: Uint8Array) {
  const deadline = performance.now() + PLACES_MS;
  for (;;) {
    const { data } = await nats.request(subject, wanted, { timeout: ASK_MS });
    const reason = codec.decode(data).error?.description;
    if (reason === undefined || !NO_PLACE.test(reason) || performance.now() > deadline) {
      return answered(stream, data).deliver_subject;
    }
    await pause(PLACES_LOOK_MS);
  }
}

async function sendChunks(
  nats: NatsConnection,
  stream: string,
  target: string,
  file: string,
  progress: Progress,
): Promise<void> {
  const handle = await open(file, 'r');
  const underWay: Promise<void>[] = [];
  const send = async (chunk: Uint8Array): Promise<void> => {
    answered(stream, (await nats.request(target, chunk, { timeout: CHUNK_MS })).data);
  };
  try {
    let bytes = 0;
    for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
      const sent = send(chunk as Buffer);
      // Awaited below, perhaps after another one failed.
      sent.catch(() => {});
      underWay.push(sent);
      if (underWay.length >= WINDOW) await underWay.shift();
      bytes += (chunk as Buffer).length;
      progress(bytes);
    }
    await Promise.all(underWay);
  } finally {
    await handle.close();
  }
}

/** An empty answer means that the server wants the next chunk. */
function answered(stream: string, data: Uint8Array): RestoreAnswer {
  if (data.length === 0) return {};
  const answer = codec.decode(data);
  if (answer.error !== undefined) throw failed(stream, answer.error.description);
  return answer;
}

function failed(stream: string, reason: string): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', `restore of ${stream}: ${reason}`, {
    fix: 'The snapshot is kept. Look at the log of nats-server, and begin again.',
  });
}
