/**
 * What became of each line that was sent.
 *
 * With echo-message our own line comes back and settles it, with its id; labeled-response says exactly which one
 * (ircv3.net/specs/extensions/labeled-response), else the oldest like it to that recipient. Without, the barrier
 * settles lines: those refused before its PONG were not said. When fewer refusals than lines came for a recipient nobody
 * can know which were meant, and all of them are `unknown`: said twice beats lost.
 */
import { DeliveryError, type Receipt } from '../../src/bridge.js';
import { Barrier } from './barrier.js';
import type { ChannelState } from './channels.js';
import { type Deferred, deferred } from './deferred.js';
import type { Exchange } from './exchange.js';
import { type Line, tagOf } from './line.js';
import { numericName, PERSON_REFUSALS, SEND_REFUSALS } from './numerics.js';
import type { Recipient, Recipients } from './recipients.js';
import type { Session } from './session.js';

export interface Outgoing {
  /** Client tags, escaped, without `@`; empty for none. */
  readonly tags: string;
  readonly command: string;
  readonly body: string;
}

export interface Confirmer {
  /** Sends the lines of one message; settles when the fate of all of them is known. */
  send(recipient: Recipient, lines: readonly Outgoing[]): Promise<Receipt>;
  /** Our own line came back. */
  echoed(line: Line): void;
  /** The server has handled all that was written: its answer to our QUIT came. */
  allHandled(): void;
  /** The connection is gone: written lines are `unknown`, the others `unavailable`. */
  lost(reason: string): void;
}

interface Sent {
  readonly recipient: Recipient;
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

export function createConfirmer(
  session: Session,
  recipients: Recipients,
  exchange: Pick<Exchange, 'answering'>,
  missing: Missing,
): Confirmer {
  const mode = session.config.confirm;
  const wantsEcho = mode === 'auto' || mode === 'echo';
  const echoes = (): boolean => wantsEcho && session.server.hasCap('echo-message');
  const labels = (): boolean => echoes() && session.server.hasCap('labeled-response');
  /** In the order of sending, by label. */
  const open = new Map<string, Sent>();
  const refusals = new Map<Recipient, Refusals>();
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
    for (const [label, { recipient }] of handled) settle(label, fates.get(recipient) ?? { nativeId: null });
  };
  const barrier = new Barrier(session, echoes, passed);

  const onRefusal = (line: Line, recipient: Recipient, error: DeliveryError): void => {
    const named = tagOf(line, 'label');
    if (named === undefined && exchange.answering) return;
    const label = named ?? (echoes() ? oldest(open, recipient, null) : undefined);
    if (label !== undefined) {
      settle(label, error);
      return;
    }
    const known = refusals.get(recipient);
    if (known === undefined) refusals.set(recipient, { count: 1, error });
    else known.count += 1;
    barrier.hurry();
  };
  watchRefusals(session, recipients, missing, onRefusal);
  // labeled-response: nothing else to say about that line.
  session.on('ACK', (line) => settle(tagOf(line, 'label') ?? '', { nativeId: null }));

  const sendOne = (recipient: Recipient, line: Outgoing): Promise<Receipt> => {
    count += 1;
    const label = String(count);
    const fate = deferred<Receipt>();
    const sent: Sent = { recipient, body: line.body, fate, sequence: count, written: false };
    open.set(label, sent);
    if (mode !== 'none') barrier.queued(count);
    const tags = [labels() ? `label=${label}` : '', line.tags].filter((tag) => tag !== '').join(';');
    session.send(
      `${tags === '' ? '' : `@${tags} `}${line.command} ${recipient.address} :${line.body}`,
      () => {
        sent.written = true;
        if (mode === 'none') settle(label, { nativeId: null });
      },
    );
    return fate.promise;
  };

  return {
    async send(recipient, lines) {
      const [first, ...rest] = lines;
      if (rest.length === 0 && first !== undefined) return sendOne(recipient, first);
      const receipts = await Promise.all(lines.map((line) => sendOne(recipient, line)));
      return receipts[0] ?? { nativeId: null };
    },
    echoed(line) {
      const recipient = recipients.find(line.params[0] ?? '');
      const body = line.params[1] ?? '';
      const label =
        tagOf(line, 'label') ?? (recipient && echoes() ? oldest(open, recipient, body) : undefined);
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

type DeliveryOutcome = DeliveryError['outcome'];
type Missing = (state: ChannelState, reason: string) => void;

/** Labels are given in order, so the first match is the oldest. The server may have changed the text: then any. */
function oldest(
  open: ReadonlyMap<string, Sent>,
  recipient: Recipient,
  body: string | null,
): string | undefined {
  let first: string | undefined;
  for (const [label, sent] of open) {
    if (sent.recipient !== recipient || !sent.written) continue;
    if (body === null || sent.body === body) return label;
    first ??= label;
  }
  return first;
}

function fatesOf(
  handled: readonly (readonly [string, Sent])[],
  refusals: ReadonlyMap<Recipient, Refusals>,
): ReadonlyMap<Recipient, DeliveryError> {
  const fates = new Map<Recipient, DeliveryError>();
  for (const [recipient, { count, error }] of refusals) {
    const lines = handled.filter(([, sent]) => sent.recipient === recipient).length;
    const certain = count >= lines;
    fates.set(
      recipient,
      certain
        ? error
        : new DeliveryError('unknown', `${count} of ${lines} lines were not said: ${error.message}`),
    );
  }
  return fates;
}

function watchRefusals(
  session: Session,
  recipients: Recipients,
  missing: Missing,
  onRefusal: (line: Line, recipient: Recipient, error: DeliveryError) => void,
): void {
  const refuse = (line: Line, target: string, code: string): void => {
    const recipient = recipients.find(target);
    if (recipient === undefined) return;
    const reason = `${recipient.address}: ${code}: ${line.params.at(-1) ?? ''}`;
    const outcome =
      recipient.standing === 'person' ? privately(line.command) : publicly(recipient, line, reason);
    if (outcome !== null) onRefusal(line, recipient, new DeliveryError(outcome, reason));
  };
  const publicly = (state: ChannelState, { command }: Line, reason: string): DeliveryOutcome | null => {
    if (command !== 'FAIL' && !SEND_REFUSALS.includes(command)) return null;
    // ERR_NOTONCHANNEL and ERR_NOSUCHCHANNEL while we believed to be in it.
    const gone = state.standing === 'in' && (command === '442' || command === '403');
    if (gone) missing(state, reason);
    return state.standing === 'in' ? 'rejected' : 'unavailable';
  };
  session.on([...new Set([...SEND_REFUSALS, ...PERSON_REFUSALS])], (line) =>
    refuse(line, line.params[1] ?? '', numericName(line.command)),
  );
  // ircv3.net/specs/extensions/standard-replies: `FAIL PRIVMSG CODE #channel :why`.
  session.on('FAIL', (line) => {
    const [command = '', code = '', ...context] = line.params;
    if (command !== 'PRIVMSG' && command !== 'NOTICE' && command !== 'REDACT') return;
    for (const target of context.slice(0, -1)) refuse(line, target, `FAIL ${code}`);
  });
}

/** ERR_TARGETTOOFAST asks for patience; the others will not take it later either. */
function privately(command: string): DeliveryOutcome | null {
  if (command === '439') return 'unavailable';
  return command === 'FAIL' || PERSON_REFUSALS.includes(command) ? 'rejected' : null;
}
