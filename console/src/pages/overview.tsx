import { useLoaded } from '../hooks.js';
import { Empty, Loading, Trouble } from '../parts/notice.js';
import { State, toneOf } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { may, useSession } from '../session.js';
import type { Gateway, Letter, Network } from '../types.js';
import { megabytes, span } from '../words.js';
import { useRates } from './rates.js';

const EVERY_MS = 3000;
/** As many dead letters as are counted. */
const LETTERS = 500;

export function Overview() {
  const { api, me } = useSession();
  const networks = useLoaded(() => api.get<{ networks: Network[] }>('/networks'), 'networks', EVERY_MS);
  const gateways = useLoaded(() => api.get<{ gateways: Gateway[] }>('/gateways'), 'gateways', EVERY_MS);
  const isAdmin = may(me, 'admin');
  const letters = useLoaded(
    async () => (isAdmin ? await api.get<{ letters: Letter[] }>(`/dead?limit=${LETTERS}`) : { letters: [] }),
    'letters',
    EVERY_MS * 5,
  );
  const rows = networks.data?.networks ?? [];
  const rates = useRates(rows);
  return (
    <>
      <Trouble error={networks.error ?? gateways.error} />
      <ul class="figures">
        <Figure label="networks connected" value={`${connected(rows)} of ${rows.length}`} />
        <Figure label="lines heard each minute" value={rates === null ? '–' : String(rates.perMinute)} />
        <Figure label="events not taken yet" value={String(sum(rows, ({ lag }) => lag))} />
        <Figure label="lines wait to be said" value={String(sum(rows, ({ queued }) => queued))} />
        {isAdmin && (
          <Figure label="dead letters" value={lettersIn(letters.data?.letters.length)} href="#/dead" />
        )}
      </ul>
      <h2>Networks</h2>
      {networks.data === null ? <Loading /> : <Networks networks={rows} />}
      <h2>Gateways</h2>
      {gateways.data === null ? <Loading /> : <Gateways gateways={gateways.data.gateways} />}
    </>
  );
}

function Figure({
  label,
  value,
  href,
}: {
  readonly label: string;
  readonly value: string;
  readonly href?: string;
}) {
  return (
    <li>
      <span class="value">{href === undefined ? value : <a href={href}>{value}</a>}</span>
      <span class="label">{label}</span>
    </li>
  );
}

function Networks({ networks }: { readonly networks: readonly Network[] }) {
  if (networks.length === 0)
    return <Empty>No networks yet: write one into the config, under “networks:”.</Empty>;
  return (
    <Table
      caption="Networks"
      rows={networks}
      keyOf={({ network }) => network}
      columns={[
        { head: 'Network', cell: ({ network }) => <strong>{network}</strong> },
        { head: 'Kind', cell: ({ bridge }) => bridge },
        { head: 'State', cell: stateOf },
        { head: 'Since', cell: ({ since }) => <Ago time={since} /> },
        { head: 'Owner', cell: ({ owner }) => owner ?? '–' },
        { head: 'Lag', cell: ({ lag }) => lag, numeric: true },
        { head: 'Waiting', cell: ({ queued }) => queued, numeric: true },
        { head: 'Heard', cell: ({ counters }) => Number(counters.received ?? 0), numeric: true },
        { head: 'Said', cell: ({ counters }) => Number(counters.delivered ?? 0), numeric: true },
      ]}
    />
  );
}

function stateOf({ state, reason, degraded }: Network) {
  const parts = Object.entries(degraded);
  return (
    <>
      <State tone={parts.length > 0 && state === 'connected' ? 'warn' : toneOf(state)}>{state}</State>
      {reason !== null && <span class="reason">{reason}</span>}
      {parts.map(([channel, why]) => (
        <span key={channel} class="reason">
          {channel}: {why}
        </span>
      ))}
    </>
  );
}

function Gateways({ gateways }: { readonly gateways: readonly Gateway[] }) {
  return (
    <Table
      caption="Gateways"
      rows={gateways}
      keyOf={({ gateway }) => gateway}
      columns={[
        { head: 'Gateway', cell: ({ gateway }) => <strong>{gateway}</strong> },
        {
          head: 'Backbone',
          cell: ({ backbone, reason }) => (
            <>
              <State tone={toneOf(backbone)}>{backbone}</State>
              {reason !== null && <span class="reason">{reason}</span>}
            </>
          ),
        },
        { head: 'Networks', cell: ({ networks }) => (networks.length === 0 ? '–' : networks.join(', ')) },
        { head: 'Waiting', cell: ({ waiting }) => waiting, numeric: true },
        { head: 'Up', cell: ({ uptime }) => span(uptime), numeric: true },
        { head: 'Memory', cell: ({ memory }) => megabytes(memory), numeric: true },
        { head: 'Version', cell: ({ version, server }) => `${version}, NATS ${server ?? 'elsewhere'}` },
      ]}
    />
  );
}

function connected(networks: readonly Network[]): number {
  return networks.filter(({ state }) => state === 'connected').length;
}

function sum(networks: readonly Network[], of: (network: Network) => number): number {
  return networks.reduce((total, network) => total + of(network), 0);
}

function lettersIn(found: number | undefined): string {
  if (found === undefined) return '–';
  return found === LETTERS ? `${LETTERS} or more` : String(found);
}
