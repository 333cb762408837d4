import { useRef } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { answerOf } from '../parts/act.js';
import { quoted } from '../quote.js';
import { useSession } from '../session.js';
import type { Answered, Network, Room } from '../types.js';

/** A ban or mute, given as the command that says the same. */
export function NewBan({ told }: { readonly told: (answer: Answered) => void }) {
  const { api } = useSession();
  const form = useRef<HTMLFormElement>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (form.current === null) return;
    const line = lineOf(new FormData(form.current));
    const answer = await answerOf(() => api.command(line));
    if (!answer.refused) form.current.reset();
    told(answer);
  };
  return (
    <details class="card">
      <summary>Ban or mute somebody</summary>
      <form ref={form} class="fields" onSubmit={submit}>
        <label>
          Kind
          <select name="kind">
            <option value="mute">Mute: nothing of theirs is taken</option>
            <option value="ban">Ban: on the networks, too</option>
          </select>
        </label>
        <label>
          Whom
          <input name="target" required autocomplete="off" spellcheck={false} />
        </label>
        <label>
          Taken as
          <select name="by">
            <option value="">what it looks like</option>
            <option value="nick">nicks: spam*</option>
            <option value="mask">hostmask: *!*@*.example.net</option>
            <option value="ip">addresses: 192.0.2.0/24</option>
            <option value="text">text that is said (RE2)</option>
          </select>
        </label>
        <Where />
        <label>
          For
          <input name="for" placeholder="2h, 7d" />
        </label>
        <label>
          Reason
          <input name="reason" />
        </label>
        <label class="inline">
          <input type="checkbox" name="dry-run" /> Dry run: only count what it would refuse
        </label>
        <label class="inline">
          <input type="checkbox" name="force" /> Even if it hits much of what was said lately
        </label>
        <button type="submit">Set</button>
      </form>
    </details>
  );
}

function Where() {
  const { api } = useSession();
  const rooms = useLoaded(() => api.get<{ rooms: Room[] }>('/rooms'), 'rooms');
  const networks = useLoaded(() => api.get<{ networks: Network[] }>('/networks'), 'networks');
  return (
    <label>
      Where
      <select name="where">
        <option value="--everywhere">everywhere</option>
        <optgroup label="In a room">
          {rooms.data?.rooms.map(({ name }) => (
            <option key={name} value={`--room ${quoted(name)}`}>
              {name}
            </option>
          ))}
        </optgroup>
        <optgroup label="On a network">
          {networks.data?.networks.map(({ network }) => (
            <option key={network} value={`--network ${quoted(network)}`}>
              {network}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

function lineOf(data: FormData): string {
  const field = (name: string) => String(data.get(name) ?? '').trim();
  const length = field('for');
  const reason = field('reason');
  const by = field('by');
  return [
    field('kind'),
    quoted(field('target')),
    field('where'),
    ...(length === '' ? [] : [`--for ${quoted(length)}`]),
    ...(by === '' ? [] : [`--${by}`]),
    ...['dry-run', 'force'].filter((name) => data.has(name)).map((name) => `--${name}`),
    ...(reason === '' ? [] : [quoted(reason)]),
  ].join(' ');
}
