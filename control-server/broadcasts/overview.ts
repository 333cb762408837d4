/** `broadcasts`: the lists, what became of their calls, and who is muted. */
import type { BroadcastListConfig, ParleyConfig } from '../../src/config/index.js';
import type { Answer, Call } from '../call.js';
import type { Command } from '../command.js';
import { countsOf } from './counts.js';
import type { Ledger } from './ledger.js';
import { quietestUntil } from './quiet.js';
import { mutedIn } from './view.js';
import { spanOf } from './wording.js';

const MAX_MUTED = 10;

export class Overview {
  readonly command: Command;
  readonly #config: () => ParleyConfig;
  readonly #ledger: Ledger;
  readonly #now: () => number;

  constructor(config: () => ParleyConfig, ledger: Ledger, now: () => number) {
    this.#config = config;
    this.#ledger = ledger;
    this.#now = now;
    this.command = {
      info: {
        name: 'broadcasts',
        usage: '',
        help: 'Lists the broadcast lists: what calls them, and what became of the calls.',
        examples: ['broadcasts'],
        permission: null,
        cooldownMs: 5_000,
        hidden: false,
        privateOnly: false,
      },
      run: (call) => this.#run(call),
    };
  }

  #run({ caller }: Call): Answer {
    const { lists } = this.#config().broadcasts;
    if (lists.length === 0) return { lines: ['There are no broadcast lists.'] };
    const { network, channel } = caller;
    const place = network === null || channel === null ? null : { network, channel };
    return { lines: [...lists.map((list) => this.#line(list, place)), ...this.#muted()] };
  }

  #line(list: BroadcastListConfig, place: { network: string; channel: string } | null): string {
    const { called, said, refused } = countsOf(this.#ledger.records(list.name));
    const sum = Object.values(refused).reduce((all, count) => all + count, 0);
    const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${count}`);
    const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
    const about = list.about === null ? '' : `${list.about} `;
    const state = this.#stateOf(list, place).map((word) => `; ${word}`);
    const head = `${list.name} (${list.commands.join(' ')}): ${about}`;
    return `${head}Called ${called}, said ${said}, refused ${sum}${why}${state.join('')}`;
  }

  #stateOf(list: BroadcastListConfig, place: { network: string; channel: string } | null): readonly string[] {
    const now = this.#now();
    const quiet = quietestUntil(list.quiet, now);
    const pause = this.#ledger.pauseOf(list.name);
    const isPaused = pause !== null && (pause.until ?? Number.POSITIVE_INFINITY) > now;
    const isOut = place !== null && this.#ledger.isOut(list.name, place.network, place.channel);
    return [
      ...(isPaused ? [pause.until === null ? 'paused' : `paused for ${this.#span(pause.until - now)}`] : []),
      ...(quiet === null ? [] : [`quiet for ${this.#span(quiet - now)}`]),
      ...(isOut ? ['this channel has opted out'] : []),
      ...(list.dryRun ? ['dry run'] : []),
    ];
  }

  #muted(): readonly string[] {
    const now = this.#now();
    const muted = mutedIn(this.#config(), this.#ledger, now).map(
      ({ name, until }) => `${name} for ${this.#span(until - now)}`,
    );
    const more = muted.length > MAX_MUTED ? `, and ${muted.length - MAX_MUTED} more` : '';
    return muted.length === 0 ? [] : [`Muted: ${muted.slice(0, MAX_MUTED).join(', ')}${more}`];
  }

  #span(ms: number): string {
    return spanOf(ms, this.#config().broadcasts.language);
  }
}
