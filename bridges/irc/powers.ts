/** Bans and kicks on the network itself, where we have the rights: MODE +b, MODE -b, KICK (RFC 2812 §3.2.3, §3.2.8). */
import { DeliveryError } from '../../src/bridge.js';
import { banMaskFault } from './banmask.js';
import type { ChannelState, Channels } from './channels.js';
import type { Exchange } from './exchange.js';
import { splitToFit } from './formatting.js';
import { type Line, tagOf } from './line.js';
import { numericName } from './numerics.js';
import { isNick } from './person.js';
import type { Session } from './session.js';

export interface Powers {
  ban(channel: string, mask: string): Promise<void>;
  unban(channel: string, mask: string): Promise<void>;
  kick(channel: string, person: string, reason: string): Promise<void>;
}

/** ERR_NOTONCHANNEL, ERR_NOSUCHCHANNEL, RPL_TRYAGAIN: not now. */
const LATER: readonly string[] = ['442', '403', '263'];
const LONGEST_REASON_BYTES = 200;

export function createPowers(session: Session, channels: Channels, exchange: Exchange): Powers {
  const channelOf = (channel: string): ChannelState => {
    const state = channels.find(channel);
    if (state?.standing === 'in') return state;
    throw new DeliveryError('unavailable', `not in ${channel}: ${state?.reason ?? 'it is not attached'}`);
  };
  /** Resolves with what the server said, unless it refused. A ban that is there already it passes over in silence. */
  const act = async (state: ChannelState, line: string): Promise<readonly Line[]> => {
    const lines = await exchange.ask(line);
    const refusal = lines.find(isRefusal);
    if (refusal === undefined) return lines;
    const { command, params } = refusal;
    const outcome = LATER.includes(command) ? 'unavailable' : 'rejected';
    throw new DeliveryError(outcome, `${state.address}: ${numericName(command)}: ${params.at(-1) ?? ''}`);
  };
  const changeBan = async (channel: string, sign: '+' | '-', mask: string, own: string | null) => {
    const state = channelOf(channel);
    const fault = banMaskFault(mask, own);
    if (fault !== null) throw new DeliveryError('rejected', `${JSON.stringify(mask)}: ${fault}`);
    await act(state, `MODE ${state.address} ${sign}b ${mask}`);
  };

  return {
    ban: (channel, mask) => changeBan(channel, '+', mask, session.self.mask()),
    unban: (channel, mask) => changeBan(channel, '-', mask, null),
    async kick(channel, person, reason) {
      const state = channelOf(channel);
      if (!isNick(person) || session.self.is(person))
        throw new DeliveryError('rejected', `${JSON.stringify(person)} is nobody to be kicked`);
      const key = session.fold(person);
      const lines = await act(state, `KICK ${state.address} ${person} :${oneReason(reason)}`);
      const done = ({ command, params }: Line): boolean =>
        command === 'KICK' && session.fold(params[1] ?? '') === key;
      if (!lines.some(done))
        throw new DeliveryError('rejected', `${state.address}: ${person} was not kicked`);
    },
  };
}

/** One with a label answers something that we said. */
function isRefusal(line: Line): boolean {
  return /^[4-6]\d\d$|^263$/.test(line.command) && tagOf(line, 'label') === undefined;
}

function oneReason(reason: string): string {
  return splitToFit(reason.replace(/[\r\n\0]+/g, ' ').trim(), LONGEST_REASON_BYTES)[0] ?? '';
}
