/** `broadcast`: opting a channel out and in, pausing a list, forgiving somebody. */
import type { ParleyConfig } from '../../src/config/index.js';
import { ParleyError } from '../../src/errors.js';
import type { Answer, Call } from '../call.js';
import { type Access, type Act, type Audit, type Command, CommandError, type Scope } from '../command.js';
import { durationOf } from '../duration.js';
import { originOf as cameFrom } from '../origin.js';
import type { Ledger } from './ledger.js';
import { INNOCENT } from './offences.js';
import { spanOf } from './wording.js';

export interface ManageOptions {
  readonly config: () => ParleyConfig;
  readonly access: Access;
  readonly audit: Audit;
  readonly ledger: Ledger;
  readonly now: () => number;
}

const PERMISSION = 'broadcast';
const USAGE =
  'optout [list] | optin [list] [--network <name>] [--channel <channel>] | pause <list> [duration] | resume <list> | pardon <nick or account id>';
const EVERYWHERE: Scope = { network: null, room: null };

interface Place {
  readonly network: string;
  readonly channel: string;
  readonly room: string | null;
}

export class Manage {
  readonly command: Command;
  readonly #options: ManageOptions;

  constructor(options: ManageOptions) {
    this.#options = options;
    this.command = {
      info: {
        name: 'broadcast',
        usage: USAGE,
        help: 'Opts this channel out of broadcast lists, or pauses a list, or forgives somebody who was warned.',
        examples: ['broadcast optout qw', 'broadcast pause spam 2h', 'broadcast pardon zappater'],
        permission: null,
        cooldownMs: 0,
        hidden: false,
        privateOnly: false,
      },
      run: (call) => this.#run(call),
    };
  }

  async #run(call: Call): Promise<Answer> {
    const [verb = '', target, more] = call.args;
    try {
      switch (verb) {
        case 'optout':
          return await this.#optOut(call, target);
        case 'optin':
          return await this.#optIn(call, target);
        case 'pause':
          return await this.#pause(call, target, more);
        case 'resume':
          return await this.#resume(call, target);
        case 'pardon':
          return await this.#pardon(call, target);
        default:
          throw new CommandError(`What is to be done? Say: broadcast ${USAGE}`);
      }
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'BACKBONE_UNAVAILABLE') throw error;
      throw new CommandError('The backbone is away, so it could not be kept: try again in a minute.', {
        cause: error,
      });
    }
  }

  async #optOut(call: Call, name: string | undefined): Promise<Answer> {
    const { ledger, now } = this.#options;
    const list = this.#listOrAll(name);
    const place = this.#placeOf(call);
    await this.#needChannel(call, 'optout', place, list);
    const { network, channel } = place;
    await ledger.optOut({ list, network, channel, by: call.caller.author, time: now() });
    await this.#audit(call, 'optout', { place, target: targetOf(list, place) });
    const undo = list === null ? 'broadcast optin' : `broadcast optin ${list}`;
    return { lines: [`${channel} no longer hears ${list ?? 'any list'}. Undo: ${undo}`] };
  }

  async #optIn(call: Call, name: string | undefined): Promise<Answer> {
    const { ledger } = this.#options;
    const list = this.#listOrAll(name);
    const place = this.#placeOf(call);
    await this.#needChannel(call, 'optin', place, list);
    const { network, channel } = place;
    if (!(await ledger.optIn(list, network, channel))) throw new CommandError(this.#notOut(list, place));
    await this.#audit(call, 'optin', { place, target: targetOf(list, place) });
    return { lines: [`${channel} hears ${list ?? 'every list'} again.`] };
  }

  #notOut(list: string | null, { network, channel }: Place): string {
    const outs = this.#options.ledger
      .optOuts()
      .filter((out) => out.network === network && out.channel === channel)
      .map((out) => (out.list === null ? '"broadcast optin"' : `"broadcast optin ${out.list}"`));
    const what = list === null ? 'all lists together' : list;
    const next = outs.length === 0 ? 'it hears them all.' : `say ${outs.join(' or ')}.`;
    return `${channel} has not opted out of ${what}: ${next}`;
  }

  async #pause(call: Call, name: string | undefined, duration: string | undefined): Promise<Answer> {
    const { config, ledger, now } = this.#options;
    await this.#need(call, 'pause', EVERYWHERE, name ?? '');
    const list = this.#list(name);
    const ms = duration === undefined ? null : durationOf(duration);
    if (duration !== undefined && ms === null) {
      throw new CommandError(`"${duration}" is no duration: say one such as 30m, 2h or 1d.`);
    }
    const until = ms === null ? null : now() + ms;
    await ledger.pause({ list, by: call.caller.author, until });
    await this.#audit(call, 'pause', { target: list, detail: { until } });
    const span =
      ms === null ? `until "broadcast resume ${list}"` : `for ${spanOf(ms, config().broadcasts.language)}`;
    return { lines: [`${list} is paused ${span}.`] };
  }

  async #resume(call: Call, name: string | undefined): Promise<Answer> {
    await this.#need(call, 'resume', EVERYWHERE, name ?? '');
    const list = this.#list(name);
    if (!(await this.#options.ledger.resume(list))) {
      throw new CommandError(`${list} is not paused: call it with its own command.`);
    }
    await this.#audit(call, 'resume', { target: list });
    return { lines: [`${list} can be called again.`] };
  }

  /** By name or id; several may have the name. */
  async #pardon(call: Call, who: string | undefined): Promise<Answer> {
    const { ledger, now } = this.#options;
    await this.#need(call, 'pardon', EVERYWHERE, who ?? '');
    if (who === undefined)
      throw new CommandError('Who is forgiven? Say: broadcast pardon <nick or account id>');
    const called = who.toLowerCase();
    const meant = [...ledger.people()].filter(
      ([id, records]) => id === who || records.some(({ name }) => name.toLowerCase() === called),
    );
    if (meant.length === 0) {
      throw new CommandError(`Nobody called ${who} was warned: "broadcasts" names those who were muted.`);
    }
    const forgiven = meant.map(([id, records]) => {
      const name = records.at(-1)?.name ?? who;
      return [id, { ...INNOCENT, name, pardoned: now() }] as const;
    });
    ledger.keepPeople(new Map([...ledger.ownPeople(), ...forgiven]));
    for (const [id] of forgiven) await this.#audit(call, 'pardon', { target: id });
    return { lines: [`Forgiven: ${forgiven.map(([, { name }]) => name).join(', ')}.`] };
  }

  #list(name: string | undefined): string {
    const names = this.#options.config().broadcasts.lists.map((list) => list.name);
    const found = names.find((each) => each.toLowerCase() === name?.toLowerCase());
    if (found !== undefined) return found;
    throw new CommandError(`There is no list ${name ?? 'without a name'}: say one of ${names.join(', ')}.`);
  }

  #listOrAll(name: string | undefined): string | null {
    return name === undefined || name.toLowerCase() === 'all' ? null : this.#list(name);
  }

  /** Where it was said, or what the flags name. */
  #placeOf({ caller, flags }: Call): Place {
    const { network, channel } = flags;
    if (typeof network === 'string' && typeof channel === 'string') return { network, channel, room: null };
    if (caller.network === null || caller.channel === null || caller.channel === '') {
      throw new CommandError('Which channel? Say it there, or add --network <name> --channel <channel>.');
    }
    return { network: caller.network, channel: caller.channel, room: caller.rooms[0] ?? null };
  }

  async #needChannel(call: Call, action: string, place: Place, list: string | null): Promise<void> {
    const { caller } = call;
    const isThere = caller.network === place.network && caller.channel === place.channel;
    const isOperator = isThere && caller.rank === 'operator';
    if (isOperator && this.#options.config().broadcasts.optOut === 'operators') return;
    await this.#need(call, action, { network: place.network, room: place.room }, targetOf(list, place));
  }

  async #need(call: Call, action: string, scope: Scope, target: string): Promise<void> {
    const refusal = this.#options.access.refusal(call.caller, PERMISSION, scope);
    if (refusal === null) return;
    await this.#options.audit({ ...this.#act(call, action), target, scope, outcome: 'refused' });
    throw new CommandError(refusal);
  }

  #audit(
    call: Call,
    action: string,
    about: { target: string; place?: Place; detail?: Act['detail'] },
  ): Promise<void> {
    const { target, place, detail = {} } = about;
    const scope = place === undefined ? EVERYWHERE : { network: place.network, room: place.room };
    return this.#options.audit({ ...this.#act(call, action), target, scope, detail });
  }

  #act({ caller }: Call, action: string): Act {
    return {
      actor: caller.author,
      name: caller.name,
      from: cameFrom(caller),
      action: `broadcast ${action}`,
      target: '',
      scope: EVERYWHERE,
      detail: {},
      outcome: 'done',
    };
  }
}

function targetOf(list: string | null, { network, channel }: Place): string {
  return `${list ?? 'all lists'} in ${network} ${channel}`;
}
