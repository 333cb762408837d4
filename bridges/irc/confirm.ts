/**
 * What became of each line that was sent.
 *
 * With echo-message our own line comes back and settles it, with its id; labeled-response says exactly which one
 * (ircv3.net/specs/extensions/labeled-response), else the oldest like it in that channel. Without, the barrier
 * settles lines: those refused before its PONG were not said. When fewer refusals than lines came for a channel nobody
 * can know which were meant, and all of them are `unknown`: said twice beats lost.
 */
import { DeliveryError, type Receipt } from '../../src/bridge.js';
import { Barrier } from './barrier.js';
import type { ChannelState, Channels } from './channels.js';
import { type Deferred, deferred } from './deferred.js';
import { type Line, tagOf } from './line.js';
import { numericName, SEND_REFUSALS } from './numerics.js';
import type { Session } from './session.js';

export interface Outgoing {
  /** Client tags, escaped, without `@`; empty for none. */
  readonly tags: string;
  readonly command: string;
  readonly body: string;
}

export interface Confirmer {
  /** Sends the lines of one message; settles when the fate of all of them is known. */
  send(state: ChannelState, lines: readonly Outgoing[]): Promise<Receipt>;
  /** Our own line came back. */
  echoed(line: Line): void;
  /** The server has handled all that was written: its answer to our QUIT came. */
  allHandled(): void;
  /** The connection is gone: written lines are `unknown`, the others `unavailable`. */
  lost(reason: string): void;
}

interface Sent {
  readonly state: ChannelState;
  readonly body: string;
  readonly fate: Deferred<Receipt>;
  /** Its place in the order of sending. */
  readonly sequence: number;
  /** The socket has it. */
  written: boolean;
}

interface Refusals {
  count: number;
  readonly error: DeliveryError;
}

export function createConfirmer(session: Session, channels: Channels, missing: Missing): Confirmer {
  const mode = session.config.confirm;
  const wantsEcho = mode === 'auto' || mode === 'echo';
  const echoes = (): boolean => wantsEcho && session.server.hasCap('echo-message');
  const labels = (): boolean => echoes() && session.server.hasCap('labeled-response');
  /** In the order of sending, by label. */
  const open = new Map<string, Sent>();
  const refusals = new Map<ChannelState, Refusals>();
  let count = 0;

  const settle = (label: string, fate: Receipt | DeliveryError): void => {
    const sent = open.get(label);
    open.delete(label);
    if (fate instanceof DeliveryError) sent?.fate.reject(fate);
    else sent?.fate.resolve(fate);
  };
  const passed = (upTo: number): void => {
    const handled = [...open].filter(([, { sequence, written }]) => written && sequence <= upTo);
    const fates = fatesOf(handled, refusals);
    refusals.clear();
    for (const [label, { state }] of handled) settle(label, fates.get(state) ?? { nativeId: null });
  };
  const barrier = new Barrier(session, echoes, passed);

  const onRefusal = (line: Line, state: ChannelState, error: DeliveryError): void => {
    const label = tagOf(line, 'label') ?? (echoes() ? oldest(open, state, null) : undefined);
    if (label !== undefined) {
      settle(label, error);
      return;
    }
    const known = refusals.get(state);
    if (known === undefined) refusals.set(state, { count: 1, error });
    else known.count += 1;
    barrier.hurry();
  };
  watchRefusals(session, channels, missing, onRefusal);
  // labeled-response: nothing else to say about that line.
  session.on('ACK', (line) => settle(tagOf(line, 'label') ?? '', { nativeId: null }));

  const sendOne = (state: ChannelState, line: Outgoing): Promise<Receipt> => {
    count += 1;
    const label = String(count);
    const fate = deferred<Receipt>();
    const sent: Sent = { state, body: line.body, fate, sequence: count, written: false };
    open.set(label, sent);
    if (mode !== 'none') barrier.queued(count);
    const tags = [labels() ? `label=${label}` : '', line.tags].filter((tag) => tag !== '').join(';');
    session.send(`${tags === '' ? '' : `@${tags} `}${line.command} ${state.address} :${line.body}`, () => {
      sent.written = true;
      if (mode === 'none') settle(label, { nativeId: null });
    });
    return fate.promise;
  };

  return {
    async send(state, lines) {
      const [first, ...rest] = lines;
      if (rest.length === 0 && first !== undefined) return sendOne(state, first);
      const receipts = await Promise.all(lines.map((line) => sendOne(state, line)));
      return receipts[0] ?? { nativeId: null };
    },
    echoed(line) {
      const state = channels.find(line.params[0] ?? '');
      const body = line.params[1] ?? '';
      const label = tagOf(line, 'label') ?? (state && echoes() ? oldest(open, state, body) : undefined);
      if (label !== undefined) settle(label, { nativeId: tagOf(line, 'msgid') ?? null });
    },
    allHandled: () => passed(Number.POSITIVE_INFINITY),
    lost(reason) {
      for (const [label, { written }] of [...open]) {
        const outcome = written ? 'unknown' : 'unavailable';
        settle(label, new DeliveryError(outcome, `connection lost: ${reason}`));
      }
    },
  };
}

type Missing = (state: ChannelState, reason: string) => void;

/** Labels are given in order, so the first match is the oldest. The server may have changed the text: then any. */
function oldest(
  open: ReadonlyMap<string, Sent>,
  state: ChannelState,
  body: string | null,
): string | undefined {
  let first: string | undefined;
  for (const [label, sent] of open) {
    if (sent.state !== state || !sent.written) continue;
    if (body === null || sent.body === body) return label;
    first ??= label;
  }
  return first;
}

function fatesOf(
  handled: readonly (readonly [string, Sent])[],
  refusals: ReadonlyMap<ChannelState, Refusals>,
): ReadonlyMap<ChannelState, DeliveryError> {
  const fates = new Map<ChannelState, DeliveryError>();
  for (const [state, { count, error }] of refusals) {
    const lines = handled.filter(([, sent]) => sent.state === state).length;
    const certain = count >= lines;
    fates.set(
      state,
      certain
        ? error
        : new DeliveryError('unknown', `${count} of ${lines} lines were not said: ${error.message}`),
    );
  }
  return fates;
}

function watchRefusals(
  session: Session,
  channels: Channels,
  missing: Missing,
  onRefusal: (line: Line, state: ChannelState, error: DeliveryError) => void,
): void {
  const refuse = (line: Line, target: string, code: string): void => {
    const state = channels.find(target);
    if (state === undefined) return;
    const reason = `${state.address}: ${code}: ${line.params.at(-1) ?? ''}`;
    // ERR_NOTONCHANNEL and ERR_NOSUCHCHANNEL while we believed to be in it.
    const gone = state.standing === 'in' && (line.command === '442' || line.command === '403');
    if (gone) missing(state, reason);
    onRefusal(line, state, new DeliveryError(state.standing === 'in' ? 'rejected' : 'unavailable', reason));
  };
  session.on(SEND_REFUSALS, (line) => refuse(line, line.params[1] ?? '', numericName(line.command)));
  // ircv3.net/specs/extensions/standard-replies: `FAIL PRIVMSG CODE #channel :why`.
  session.on('FAIL', (line) => {
    const [command = '', code = '', ...context] = line.params;
    if (command !== 'PRIVMSG' && command !== 'NOTICE' && command !== 'REDACT') return;
    for (const target of context.slice(0, -1)) refuse(line, target, `FAIL ${code}`);
  });
}
