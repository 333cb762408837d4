import { type JetStreamClient, JSONCodec, type Msg } from 'nats';
import type { Ask } from './ask.js';
import type { LogReader } from './log-reader.js';
import type { Subjects } from './subjects.js';
import type { Audited, AuditLog } from './types.js';

const codec = JSONCodec<unknown>();

export interface AuditSource {
  readonly client: JetStreamClient;
  readonly reader: LogReader;
  readonly subjects: Subjects;
  readonly ask: Ask;
}

const WHAT = 'audit';

/** Every privileged act, in the stream AUDIT; nothing here changes or removes one. */
export class AuditStream implements AuditLog {
  readonly #source: AuditSource;

  constructor(source: AuditSource) {
    this.#source = source;
  }

  async put(act: unknown): Promise<void> {
    const { client, subjects, ask } = this.#source;
    await ask(WHAT, () => client.publish(subjects.audit, codec.encode(act)));
  }

  /** The newest `limit` before the sequence `before` (exclusive), oldest first. */
  async list(limit: number, before = Number.POSITIVE_INFINITY): Promise<readonly Audited[]> {
    const { reader, subjects, ask } = this.#source;
    const entries = await ask(WHAT, () => reader.backward(subjects.audit, before, limit));
    return entries.flatMap(({ sequence, message }) => read(sequence, message));
  }
}

function read(sequence: number, message: Pick<Msg, 'data'>): readonly Audited[] {
  try {
    return [{ sequence, act: codec.decode(message.data) }];
  } catch {
    return [];
  }
}

/** For a log that is there only once the backbone was reached: `log` throws before. */
export function lateAudit(log: () => AuditLog): AuditLog {
  return {
    put: async (act) => log().put(act),
    list: async (limit, before) => log().list(limit, before),
  };
}
