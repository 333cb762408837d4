import { useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api.js';
import { useLoaded } from '../hooks.js';
import { Empty, Loading, Trouble } from '../parts/notice.js';
import { Search } from '../parts/search.js';
import { State } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { useSession } from '../session.js';
import type { Act } from '../types.js';
import { fullTime } from '../words.js';

const PAGE = 100;

export function Audit() {
  const { api } = useSession();
  const [wanted, setWanted] = useState('');
  const [acts, setActs] = useState<readonly Act[]>([]);
  const [isWhole, setWhole] = useState(false);
  const [fault, setFault] = useState<ApiError | null>(null);
  const { data, error } = useLoaded(() => api.get<{ acts: Act[] }>(`/audit?limit=${PAGE}`), 'audit', 5000);
  useEffect(() => setActs((shown) => together(shown, data?.acts ?? [])), [data]);
  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  const more = async () => {
    try {
      const page = await api.get<{ acts: Act[] }>(
        `/audit?limit=${PAGE}&before=${acts.at(-1)?.sequence ?? 1}`,
      );
      setActs((shown) => together(shown, page.acts));
      setWhole(page.acts.length < PAGE);
      setFault(null);
    } catch (problem) {
      setFault(asApiError(problem));
    }
  };
  const word = wanted.toLowerCase();
  const found = acts.filter((act) => textOf(act).toLowerCase().includes(word));
  return (
    <>
      <Trouble error={error ?? fault} />
      <Search label="Find an act" value={wanted} change={setWanted} />
      {found.length === 0 && <Empty>{nothingOf(acts.length)}</Empty>}
      <Table
        caption="Privileged acts, the newest first"
        rows={found}
        keyOf={({ sequence }) => sequence}
        columns={[
          { head: 'When', cell: ({ time }) => <Ago time={time} /> },
          { head: 'Who', cell: ({ name, actor }) => <strong title={actor}>{name}</strong> },
          { head: 'From', cell: ({ from }) => from },
          { head: 'Did', cell: ({ action }) => action },
          { head: 'To', cell: ({ target }) => target, free: true },
          { head: 'Where', cell: whereOf },
          { head: 'Outcome', cell: ({ outcome }) => <State tone={toneOf(outcome)}>{outcome}</State> },
          {
            head: 'Detail',
            cell: ({ detail }) => <code class="detail">{detailOf(detail)}</code>,
            free: true,
          },
        ]}
      />
      {!isWhole && data.acts.length === PAGE && (
        <button type="button" class="quiet" onClick={more}>
          Older acts
        </button>
      )}
    </>
  );
}

/** The newest first, each once. */
function together(some: readonly Act[], others: readonly Act[]): readonly Act[] {
  const acts = new Map([...some, ...others].map((act) => [act.sequence, act]));
  return [...acts.values()].sort((a, b) => b.sequence - a.sequence);
}

function textOf({ name, actor, from, action, target, outcome, detail }: Act): string {
  return [name, actor, from, action, target, outcome, detailOf(detail)].join(' ');
}

function nothingOf(shown: number): string {
  if (shown === 0) return 'No privileged act yet: bans, grants, pauses and the like are written down here.';
  return `No such act among the latest ${shown}. Load older ones below.`;
}

function whereOf({ scope }: Act): string {
  return [scope?.room, scope?.network].filter((word) => word !== null && word !== undefined).join(' on ');
}

function detailOf(detail: Act['detail'] | undefined): string {
  return Object.entries(detail ?? {})
    .filter(([, value]) => value !== null && value !== false && value !== '')
    .map(([name, value]) => `${name}: ${wordOf(name, value)}`)
    .join(', ');
}

function wordOf(name: string, value: unknown): string {
  if (name === 'until' && (typeof value === 'string' || typeof value === 'number')) return fullTime(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function toneOf(outcome: string) {
  return outcome === 'done' ? 'good' : outcome === 'refused' ? 'warn' : 'bad';
}
