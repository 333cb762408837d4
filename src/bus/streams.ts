import {
  type JetStreamManager,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import { ParleyError, reasonOf } from '../errors.js';
import type { Logger } from '../log.js';
import { isDenied, isNameTaken, isNotFound, isUnanswered, isWithoutJetStream } from './api-errors.js';
import { withoutJetStream } from './fitness.js';
import type { Subjects } from './subjects.js';
import type { BusOptions } from './types.js';

const DUPLICATE_WINDOW_MS = 2 * 60_000;
const AUDIT_AGE_MS = 400 * 24 * 60 * 60_000;

/** Streams differ only in these; `limits` are the config's to change, the rest is fixed by what Parley needs. */
interface StreamSpec {
  readonly name: string;
  readonly subjects: string[];
  readonly limits: StreamLimits;
  readonly republish?: { readonly src: string; readonly dest: string };
}

interface StreamLimits {
  readonly max_age: number;
  readonly max_bytes: number;
  /** Absent: as it is. */
  readonly num_replicas?: number;
}

/**
 * Creates ROOMS, AUDIT and DEAD, or brings their limits to what the config says.
 * Throws BACKBONE_CONFLICT when a stream of that name differs in anything else: it is somebody's, and stays as it is.
 */
export async function ensureStreams(
  manager: JetStreamManager,
  subjects: Subjects,
  history: BusOptions['history'],
  log: Logger,
): Promise<void> {
  for (const spec of specsOf(subjects, history)) await ensureStream(manager, spec, log);
}

function specsOf(subjects: Subjects, history: BusOptions['history']): readonly StreamSpec[] {
  const limits = {
    max_age: Number.isFinite(history.maxAgeMs) ? nanos(history.maxAgeMs) : 0,
    max_bytes: Number.isFinite(history.maxBytes) && history.maxBytes > 0 ? history.maxBytes : -1,
    ...(history.replicas === null ? {} : { num_replicas: history.replicas }),
  };
  return [
    {
      name: subjects.roomStream,
      subjects: [subjects.everyRoom],
      limits,
      republish: { src: subjects.everyRoom, dest: subjects.republished },
    },
    { name: subjects.auditStream, subjects: [subjects.audit], limits: auditLimits(limits) },
    { name: subjects.deadStream, subjects: [subjects.everyDead], limits: { ...limits, max_bytes: -1 } },
  ];
}

/** Acts are few and small, and must outlast the talk that they were about. No size: the server would keep that much of the disk free. */
function auditLimits({ num_replicas }: StreamLimits): StreamLimits {
  const copies = num_replicas === undefined ? {} : { num_replicas };
  return { max_age: nanos(AUDIT_AGE_MS), max_bytes: -1, ...copies };
}

const CREATE_ATTEMPTS = 3;

/** Says why the room log could not be looked for, or not be made. */
export function reportStream(log: Logger, error: unknown): void {
  // Only `ensureStreams` throws a ParleyError: the log is gone. A server that does not answer (frozen, cut off) tells
  // nothing about it, and is asked again.
  if (error instanceof ParleyError) log.error('the room log is not there', { reason: reasonOf(error) });
  else log.debug('the room log was not looked for', { reason: reasonOf(error) });
}

async function ensureStream(manager: JetStreamManager, spec: StreamSpec, log: Logger): Promise<void> {
  const info = (await findStream(manager, spec.name)) ?? (await create(manager, spec, log));
  refuseForeign(spec, info.config);
  if (differing(spec.limits, info.config).length === 0) return;
  await manager.streams.update(spec.name, { ...info.config, ...limitsOf(spec) }).catch((error: unknown) => {
    throw streamError(spec.name, error);
  });
  log.info('stream limits changed', { stream: spec.name, ...spec.limits });
}

/**
 * A cluster of nats-server 2.9.10 leaves one of several who create the same stream at the same moment without an answer;
 * the stream is there then. The same asked again is answered as if it had been made.
 */
async function create(manager: JetStreamManager, spec: StreamSpec, log: Logger): Promise<StreamInfo> {
  for (let attempt = 1; ; attempt++) {
    try {
      const info = await manager.streams.add(configOf(spec));
      log.info('stream created', { stream: spec.name });
      return info;
    } catch (error) {
      const found = isNameTaken(error) ? await findStream(manager, spec.name) : null;
      if (found !== null) return found;
      if (!isUnanswered(error) || attempt === CREATE_ATTEMPTS) throw streamError(spec.name, error);
      log.warn('stream not created yet', { stream: spec.name, reason: reasonOf(error) });
    }
  }
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | null> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw streamError(name, error);
  }
}

function configOf(spec: StreamSpec): Partial<StreamConfig> & { name: string } {
  return {
    name: spec.name,
    ...fixedOf(spec),
    ...limitsOf(spec),
  } as Partial<StreamConfig> & { name: string };
}

function fixedOf(spec: StreamSpec) {
  return {
    subjects: spec.subjects,
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: 'old',
    allow_direct: true,
    ...(spec.republish === undefined ? {} : { republish: spec.republish }),
  };
}

function limitsOf(spec: StreamSpec) {
  const { max_age } = spec.limits;
  const window = nanos(DUPLICATE_WINDOW_MS);
  // The server refuses a window longer than the age.
  return { ...spec.limits, duplicate_window: max_age > 0 ? Math.min(window, max_age) : window };
}

function refuseForeign(spec: StreamSpec, found: StreamConfig): void {
  const faults = differing(fixedOf(spec), found);
  // Fewer copies than now is a loss that nobody should cause by starting a second gateway.
  const { num_replicas = found.num_replicas } = spec.limits;
  if (found.num_replicas > num_replicas) {
    faults.push(`replicas: expected at most ${num_replicas}, got ${found.num_replicas}`);
  }
  if (faults.length === 0) return;
  throw new ParleyError(
    'BACKBONE_CONFLICT',
    `stream ${spec.name} is not as Parley needs it: ${faults.join('; ')}`,
    {
      fix: `Give this gateway another "prefix", or change the stream (nats stream edit ${spec.name}).`,
    },
  );
}

function differing(expected: object, found: object): string[] {
  const got = new Map(Object.entries(found));
  return Object.entries(expected)
    .filter(([field, value]) => !sameSetting(value, got.get(field)))
    .map(([field, value]) => `${field}: expected ${shown(value)}, got ${shown(got.get(field))}`);
}

/** The server may add fields of its own (a newer version does): only what we ask for counts. */
function sameSetting(expected: unknown, got: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return expected === got;
  if (typeof got !== 'object' || got === null) return false;
  if (Array.isArray(expected)) return JSON.stringify(expected) === JSON.stringify(got);
  const fields = new Map(Object.entries(got));
  return Object.entries(expected).every(([field, value]) => sameSetting(value, fields.get(field)));
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function streamError(stream: string, error: unknown): ParleyError {
  if (isWithoutJetStream(error)) return withoutJetStream(reasonOf(error), error);
  if (isDenied(error)) {
    return new ParleyError('BACKBONE_DENIED', `stream ${stream}: ${reasonOf(error)}`, {
      fix: 'Give this NATS user the permissions that docs/cluster.md lists.',
      cause: error,
    });
  }
  return new ParleyError('BACKBONE_UNAVAILABLE', `stream ${stream}: ${reasonOf(error)}`, {
    fix: 'Check that the nats-server runs with JetStream, has room on its disk and lets this user manage streams.',
    cause: error,
  });
}
