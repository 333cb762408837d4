/** One connection from the first byte to the last: puts the parts together and ends them together. */
import { type Network, reasonOf } from '../../src/bridge.js';
import { trackBatches } from './batch.js';
import { trackChannels } from './channels.js';
import { watchChat } from './chat.js';
import { type Check, createCheck } from './check.js';
import type { IrcConfig } from './config.js';
import { type Confirmer, createConfirmer } from './confirm.js';
import { deferred } from './deferred.js';
import { Ending } from './ending.js';
import { createExchange, type Exchange } from './exchange.js';
import { createIdentify, type Identify } from './identity.js';
import { createJoiner, type Joiner } from './join.js';
import { createLibrary } from './library.js';
import { logIn } from './login.js';
import { type Members, membersOf } from './members.js';
import { collectNetsplits } from './netsplit.js';
import { chooseNick, followNick, regainNick } from './nick.js';
import { createOutbound, type Outbound } from './outbound.js';
import { paced } from './pace.js';
import { answerPing, watchSilence } from './ping.js';
import { createPlayback, type Playback } from './playback.js';
import { createPowers, type Powers } from './powers.js';
import { watchPresence } from './presence.js';
import { trackRecipients } from './recipients.js';
import { type Registration, register } from './registration.js';
import { createRoster, fillRoster } from './roster.js';
import { type Self, trackSelf } from './self.js';
import { dispatcher, folder, type Session } from './session.js';
import { timers } from './timers.js';
import { connectWire, portOf, type TlsFiles, type Wire } from './wire.js';

export interface Life {
  /** Resolves once registered, logged in, and every channel answered. Pending for ever if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves after `stop`, rejects with what else ended it. */
  readonly closed: Promise<void>;
  readonly outbound: Outbound;
  readonly joiner: Joiner;
  readonly check: Check;
  readonly identify: Identify;
  readonly powers: Powers;
  readonly members: Members;
  readonly self: Self;
  /** False from the moment that it is ending. */
  alive(): boolean;
  /** Leaves the network in good manners. */
  stop(): void;
}

/** How long the server may take to answer QUIT; its answer confirms what was said last. */
const QUIT_GRACE_MS = 500;
/** How long after ERROR the server may take to close. */
const ERROR_GRACE_MS = 2000;

export function startLife(config: IrcConfig, network: Network, files: TlsFiles): Life {
  const ending = new Ending(`${config.host}:${portOf(config)}`);
  const clock = timers();
  const fail = (error: Error): void => {
    if (!ending.begin(error)) return;
    abandon(reasonOf(error));
    clock.clear();
    wire.destroy();
  };
  const library = createLibrary(config, (line) => {
    if (registration.allows(line)) wire.sendUrgent(line);
  });
  const dispatch = dispatcher(network.log, library.feed);
  const fold = folder(library.server);
  const session: Session = {
    config,
    network: paced(network, () => wire),
    log: network.log,
    server: library.server,
    self: trackSelf({ on: dispatch.on, fold }, config.nick),
    on: dispatch.on,
    send: (line, onWritten) => wire.send(line, onWritten),
    sendUrgent: (line) => wire.sendUrgent(line),
    after: clock.after,
    fold,
    fail,
  };
  const parts = assemble(session, createPlayback(network));
  const { registration, confirm, exchange, joiner } = parts;
  const abandon = (reason: string): void => {
    confirm.lost(reason);
    exchange.lost(reason);
  };
  endOnError(session, ending, confirm);
  const wire = connectWire(config, files, {
    onOpen: () => {
      if (config.webirc !== undefined) wire.sendUrgent(webircLine(config.webirc));
      library.start();
    },
    onLine: dispatch.receive,
    onCut: () => network.log.warn('line from the server cut: it was too long'),
    onClose: (error) => {
      clock.clear();
      const cause = ending.finish(error);
      abandon(cause === null ? 'stopped' : reasonOf(cause));
      ending.settle();
    },
  });
  const stop = (): void => {
    if (!ending.begin(null)) return;
    clock.clear();
    if (wire.isOpen()) wire.end('QUIT :Parley', QUIT_GRACE_MS);
    else wire.destroy();
  };
  const ready = deferred<void>();
  bringUp(session, registration, joiner, wire).then(ready.resolve, fail);
  return {
    ready: ready.promise,
    closed: ending.closed,
    outbound: parts.outbound,
    joiner,
    check: parts.check,
    identify: parts.identify,
    powers: parts.powers,
    members: parts.members,
    self: session.self,
    alive: () => !ending.begun,
    stop,
  };
}

/** The server says why before it closes; should it not close, we do. */
function endOnError(session: Session, ending: Ending, confirm: Confirmer): void {
  session.on('ERROR', ({ params }) => {
    ending.heard(params.at(-1) ?? '');
    if (ending.begun) confirm.allHandled();
    else session.after(ERROR_GRACE_MS, () => session.fail(ending.fault));
  });
}

interface Assembly {
  readonly registration: Registration;
  readonly confirm: Confirmer;
  readonly exchange: Exchange;
  readonly joiner: Joiner;
  readonly outbound: Outbound;
  readonly check: Check;
  readonly identify: Identify;
  readonly powers: Powers;
  readonly members: Members;
}

/** The order matters where two parts hear the same line: the nick and the channels change before they are told. */
function assemble(session: Session, playback: Playback): Assembly {
  const channels = trackChannels(session);
  const roster = createRoster(session.fold);
  const batches = trackBatches(session);
  const netsplits = collectNetsplits(session);
  answerPing(session);
  const registration = register(session);
  chooseNick(session);
  followNick(session);
  const joiner = createJoiner(session, channels);
  const exchange = createExchange(session);
  const recipients = trackRecipients(session, channels);
  const confirm = createConfirmer(session, recipients, exchange, joiner.missing);
  watchPresence({ session, channels, roster, batches, netsplits, playback });
  fillRoster(session, roster);
  watchChat({ session, channels, roster, batches, playback, echoed: confirm.echoed });
  const outbound = createOutbound(session, channels, recipients, confirm);
  return {
    registration,
    confirm,
    exchange,
    joiner,
    outbound,
    check: createCheck(session, channels),
    identify: createIdentify(session, roster, exchange),
    powers: createPowers(session, channels, exchange),
    members: membersOf(session, channels, roster),
  };
}

async function bringUp(
  session: Session,
  registration: Registration,
  joiner: Joiner,
  wire: Wire,
): Promise<void> {
  await registration.done;
  session.log.info('registered', { nick: session.self.nick });
  watchSilence(session, wire.lastHeardMs);
  regainNick(session);
  await logIn(session);
  await joiner.join(session.network.channels());
}

/** ircv3.net/specs/extensions/webirc. Must be the first line; an address may not look like a last parameter. */
function webircLine({ password, gateway, hostname, address }: NonNullable<IrcConfig['webirc']>): string {
  return `WEBIRC ${password} ${gateway} ${hostname} ${address.replace(/^:/, '0:')}`;
}
