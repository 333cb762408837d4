import { useLoaded } from '../hooks.js';
import { Dialog } from '../parts/dialog.js';
import { Loading, Trouble } from '../parts/notice.js';
import { State, type Tone } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { useSession } from '../session.js';
import type { Trace } from '../types.js';

const TONES: Readonly<Record<string, Tone>> = {
  confirmed: 'good',
  dead: 'bad',
  dropped: 'warn',
  waiting: 'warn',
};

/** What became of an event, channel by channel. */
export function TraceDialog({ event, close }: { readonly event: string; readonly close: () => void }) {
  const { api } = useSession();
  const { data, error } = useLoaded(
    () => api.get<Trace>(`/events/${encodeURIComponent(event)}/trace`),
    event,
    2000,
  );
  return (
    <Dialog title="What became of it" close={close}>
      <p>
        <code>{event}</code>
      </p>
      <Trouble error={error} />
      {data === null && error === null && <Loading />}
      {data !== null && (
        <Table
          caption="Channels"
          rows={data.channels}
          keyOf={({ network, channel }) => `${network} ${channel}`}
          columns={[
            { head: 'Network', cell: ({ network }) => network },
            { head: 'Channel', cell: ({ channel }) => channel || 'all' },
            {
              head: 'Outcome',
              cell: ({ outcome }) => <State tone={TONES[outcome] ?? 'calm'}>{outcome}</State>,
            },
            { head: 'Why', cell: ({ reason }) => reason ?? '' },
          ]}
        />
      )}
    </Dialog>
  );
}
