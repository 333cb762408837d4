/** What can be done on a backbone that was reached: its streams, the readers of them, its buckets. */
import type { JetStreamManager } from 'nats';
import type { Logger } from '../log.js';
import type { Ask } from './ask.js';
import { AuditStream } from './audit.js';
import { Buckets } from './buckets.js';
import type { Connection } from './connection.js';
import { DeadLetterBox } from './dead-letters.js';
import { Feeds } from './follow.js';
import { hear } from './hearsay.js';
import { History } from './history.js';
import { LogReader } from './log-reader.js';
import { Once } from './once.js';
import { SecondLook } from './second-look.js';
import { begunFrom, READ_AGAIN } from './second-reading.js';
import type { Subjects } from './subjects.js';
import type { AuditLog, BusOptions, DeadLetters } from './types.js';

/** A read that is not answered by then is asked again: see log-reader.ts. */
const READ_ANSWER_MS = 1000;
/**
 * A stream or consumer without a leader answers nothing at all, and a request made then is lost. Whoever waits for the
 * leader asks again soon rather than sitting out the ordinary five seconds.
 */
const ELECTION_POLL_MS = 750;

export interface Facilities {
  readonly patient: JetStreamManager;
  readonly impatient: JetStreamManager;
  readonly history: History;
  readonly feeds: Feeds;
  readonly secondLook: SecondLook;
  readonly buckets: Buckets;
  readonly dead: DeadLetters;
  readonly audit: AuditLog;
  readonly once: Once;
}

/** Asks the server nothing yet. */
export async function facilitiesOf(
  connection: Connection,
  subjects: Subjects,
  { history: limits }: Pick<BusOptions, 'history'>,
  ask: Ask,
  log: Logger,
): Promise<Facilities> {
  const { nats } = connection;
  const patient = await nats.jetstreamManager({ checkAPI: false });
  const impatient = await nats.jetstreamManager({ checkAPI: false, timeout: ELECTION_POLL_MS });
  const reading = await nats.jetstreamManager({ checkAPI: false, timeout: READ_ANSWER_MS });
  const client = nats.jetstream();
  const reader = new LogReader(nats, reading, subjects.roomStream);
  const deadReader = new LogReader(nats, reading, subjects.deadStream);
  const auditReader = new LogReader(nats, reading, subjects.auditStream);
  const history = new History(reader, patient, subjects, log);
  const feeds = new Feeds({ nats, reader, history, subjects, log });
  const connected = () => connection.state === 'connected';
  const secondLook = new SecondLook({ manager: impatient, reader, subjects, feeds, connected, log });
  hear(connection, subjects.verb(READ_AGAIN), (body) => secondLook.from(begunFrom(body)), log);
  return {
    patient,
    impatient,
    history,
    feeds,
    secondLook,
    buckets: new Buckets({ nats, client, subjects, history: limits, ask, log }),
    dead: new DeadLetterBox({ client, manager: patient, reader: deadReader, subjects, ask }),
    audit: new AuditStream({ client, reader: auditReader, subjects, ask }),
    once: new Once({
      client,
      manager: impatient,
      subjects,
      replicas: limits.replicas,
      ask,
      connected,
    }),
  };
}
