import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Act } from '../parts/act.js';
import { Answer, Empty, Loading, Trouble } from '../parts/notice.js';
import { State } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { quoted } from '../quote.js';
import { useSession } from '../session.js';
import type { Answered, BroadcastsView } from '../types.js';

type List = BroadcastsView['lists'][number];

export function Broadcasts() {
  const { api } = useSession();
  const [answer, setAnswer] = useState<Answered | null>(null);
  const { data, error, reload } = useLoaded(() => api.get<BroadcastsView>('/broadcasts'), 'broadcasts', 5000);
  const told = (answered: Answered) => {
    setAnswer(answered);
    void reload();
  };
  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  const give = (line: string) => () => api.command(line);
  return (
    <>
      <Trouble error={error} />
      {answer !== null && <Answer focused {...answer} />}
      {data.lists.length === 0 ? (
        <Empty>No broadcast lists: write one into the config, under “broadcasts:”.</Empty>
      ) : (
        <Table
          caption="Broadcast lists"
          rows={data.lists}
          keyOf={({ name }) => name}
          columns={[
            {
              head: 'List',
              cell: ({ name, about }) => (
                <>
                  <strong>{name}</strong>
                  {about !== null && <span class="reason">{about}</span>}
                </>
              ),
            },
            { head: 'Called by', cell: ({ words }) => <code>{words.join(' ')}</code> },
            { head: 'Heard in', cell: ({ rooms }) => rooms.join(', ') },
            { head: 'State', cell: stateOf },
            { head: 'Called', cell: ({ called }) => called, numeric: true },
            { head: 'Said', cell: ({ said }) => said, numeric: true },
            { head: 'Refused', cell: refusedOf, numeric: true },
            {
              head: 'Do',
              cell: ({ name, pausedUntil }) =>
                pausedUntil === null ? (
                  <Act run={give(`broadcast pause ${quoted(name)}`)} told={told} label={`Pause ${name}`}>
                    Pause
                  </Act>
                ) : (
                  <Act run={give(`broadcast resume ${quoted(name)}`)} told={told} label={`Resume ${name}`}>
                    Resume
                  </Act>
                ),
            },
          ]}
        />
      )}
      <h2>Muted by warnings</h2>
      {data.muted.length === 0 ? (
        <Empty>Nobody.</Empty>
      ) : (
        <Table
          caption="Muted by warnings"
          rows={data.muted}
          keyOf={({ name }) => name}
          columns={[
            { head: 'Name', cell: ({ name }) => <strong>{name}</strong> },
            { head: 'Until', cell: ({ until }) => <Ago time={until} /> },
          ]}
        />
      )}
    </>
  );
}

function stateOf({ pausedUntil, quietUntil, dryRun }: List) {
  if (pausedUntil !== null) return <State tone="warn">paused{endOf(pausedUntil)}</State>;
  if (quietUntil !== null) return <State tone="calm">quiet{endOf(quietUntil)}</State>;
  return dryRun ? <State tone="calm">dry run</State> : <State tone="good">open</State>;
}

function endOf(until: string) {
  return until === 'forever' ? '' : [', ends ', <Ago key="end" time={until} />];
}

function refusedOf({ refused }: List) {
  const reasons = Object.entries(refused);
  const all = reasons.reduce((sum, [, count]) => sum + count, 0);
  return (
    <>
      {all}
      {all > 0 && (
        <span class="reason">{reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')}</span>
      )}
    </>
  );
}
