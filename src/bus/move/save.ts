/**
 * The server's snapshot of a stream: chunks on a subject of ours, each to be answered before many more are sent, an
 * empty one at the end (nats-server ADR-1, `$JS.API.STREAM.SNAPSHOT.*`). The bytes are the server's own affair.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createInbox, JSONCodec, type NatsConnection } from 'nats';
import { ParleyError } from '../../errors.js';
import type { Progress } from './types.js';

const CHUNK_BYTES = 128 * 1024;
const ASK_MS = 30_000;
/** Longer silence than this is a server that died. */
const SILENCE_MS = 30_000;
const codec = JSONCodec<SnapshotAnswer>();

interface SnapshotAnswer {
  readonly error?: { readonly description: string };
  readonly config?: Record<string, unknown>;
  readonly state?: Record<string, unknown>;
}

export interface Snapshot {
  readonly bytes: number;
  readonly sha256: string;
  readonly config: Record<string, unknown>;
  readonly serverState: Record<string, unknown>;
}

export interface SnapshotOptions {
  /** The server checks every message first, and takes no new one meanwhile. */
  readonly checked: boolean;
}

/** On disk when it resolves. */
export async function takeSnapshot(
  nats: NatsConnection,
  stream: string,
  file: string,
  progress: Progress,
  { checked }: SnapshotOptions,
): Promise<Snapshot> {
  const inbox = createInbox();
  const chunks = nats.subscribe(inbox);
  const handle = await open(file, 'w', 0o600);
  const silence = setTimeout(() => chunks.unsubscribe(), SILENCE_MS);
  try {
    const { config, state } = await begin(nats, stream, inbox, checked);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunks) {
      silence.refresh();
      if (chunk.data.length === 0) {
        await handle.sync();
        return { bytes, sha256: hash.digest('hex'), config, serverState: state };
      }
      await handle.writeFile(chunk.data);
      hash.update(chunk.data);
      bytes += chunk.data.length;
      progress(bytes);
      // Only now: what is not written yet holds the server back.
      chunk.respond();
    }
    throw failed(stream, `the server sent nothing more for ${SILENCE_MS} ms`);
  } finally {
    clearTimeout(silence);
    chunks.unsubscribe();
    await handle.close();
  }
}

async function begin(nats: NatsConnection, stream: string, inbox: string, checked: boolean) {
  const wanted = { deliver_subject: inbox, no_consumers: false, chunk_size: CHUNK_BYTES, jsck: checked };
  const subject = `$JS.API.STREAM.SNAPSHOT.${stream}`;
  const { data } = await nats.request(subject, JSONCodec().encode(wanted), { timeout: ASK_MS });
  const { error, config, state } = codec.decode(data);
  if (error !== undefined || config === undefined || state === undefined) {
    throw failed(stream, error?.description ?? 'the server answers in an unknown way');
  }
  return { config, state };
}

function failed(stream: string, reason: string): ParleyError {
  return new ParleyError('BACKBONE_UNAVAILABLE', `snapshot of ${stream}: ${reason}`, {
    fix: 'Nothing was changed. Look at the log of nats-server, and begin again.',
  });
}
