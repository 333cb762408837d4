import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Act } from '../parts/act.js';
import { Answer, Empty, Loading, Trouble } from '../parts/notice.js';
import { Search } from '../parts/search.js';
import { State } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { quoted } from '../quote.js';
import { useSession } from '../session.js';
import type { Answered, BanView } from '../types.js';
import { NewBan } from './new-ban.js';

export function Bans() {
  const { api } = useSession();
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState('');
  const [answer, setAnswer] = useState<Answered | null>(null);
  const { data, error, reload } = useLoaded(
    () => api.get<{ bans: BanView[] }>(`/bans?all=${all}`),
    `bans ${all}`,
    5000,
  );
  const told = (answered: Answered) => {
    setAnswer(answered);
    void reload();
  };
  const word = wanted.toLowerCase();
  const found = (data?.bans ?? []).filter(({ id, target, reason, setBy }) =>
    `${id} ${target} ${reason} ${setBy}`.toLowerCase().includes(word),
  );
  return (
    <>
      <NewBan told={told} />
      {answer !== null && <Answer focused {...answer} />}
      <Trouble error={error} />
      <div class="row">
        <Search label="Find a ban" value={wanted} change={setWanted} />
        <label class="inline">
          <input
            type="checkbox"
            checked={all}
            onChange={({ currentTarget }) => setAll(currentTarget.checked)}
          />{' '}
          Those that have ended, too
        </label>
      </div>
      {data === null && error === null && <Loading />}
      {data !== null && found.length === 0 && (
        <Empty>No bans or mutes. Set one above, or with “ban” in a room.</Empty>
      )}
      {found.length > 0 && (
        <Table
          caption="Bans and mutes"
          rows={found}
          keyOf={({ id }) => id}
          columns={[
            { head: 'Id', cell: ({ id }) => <code>{id}</code> },
            { head: 'What', cell: whatOf, free: true },
            { head: 'Where', cell: whereOf },
            { head: 'Reason', cell: ({ reason }) => reason, free: true },
            { head: 'By', cell: ({ setBy, at }) => [setBy, ', ', <Ago key="at" time={at} />] },
            { head: 'Ends', cell: endOf },
            { head: 'Hits', cell: ({ hits }) => hits, numeric: true },
            { head: 'On the networks', cell: effectsOf },
            {
              head: 'Lift',
              cell: ({ id, kind, target, inForce }) =>
                inForce && (
                  <Act
                    run={() => api.command(`un${kind} ${quoted(id)}`)}
                    told={told}
                    label={`Lift ${id}, ${target}`}
                  >
                    Lift
                  </Act>
                ),
            },
          ]}
        />
      )}
    </>
  );
}

function whatOf({ kind, by, target, dryRun }: BanView) {
  return (
    <>
      <span class="badge">{kind}</span>
      {dryRun && <span class="badge">dry run</span>} {by} <strong>{target}</strong>
    </>
  );
}

function whereOf({ network, room }: BanView): string {
  if (network === null && room === null) return 'everywhere';
  return [room === null ? '' : `in ${room}`, network === null ? '' : `on ${network}`].join(' ').trim();
}

function endOf({ lifted, until, inForce }: BanView) {
  if (lifted !== null) return <State tone="calm">lifted by {lifted.by}</State>;
  if (until === null) return 'when it is lifted';
  return inForce ? <Ago time={until} /> : <State tone="calm">ended</State>;
}

function effectsOf({ effects }: BanView) {
  return effects.map(({ network, channel, state, why }) => (
    <span key={`${network} ${channel}`} class="reason">
      <State tone={state === 'failed' ? 'bad' : state === 'applied' ? 'good' : 'calm'}>{state}</State>{' '}
      {network} {channel} {why}
    </span>
  ));
}
