import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Dialog } from '../parts/dialog.js';
import { Diff } from '../parts/diff.js';
import { Loading, Trouble } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { useSession } from '../session.js';
import type { ConfigHead } from '../types.js';

interface VersionsProps {
  readonly name: string;
  readonly current: number;
  readonly rollback: (version: number) => Promise<void>;
}

export function Versions({ name, current, rollback }: VersionsProps) {
  const { api } = useSession();
  const [shown, setShown] = useState<number | null>(null);
  const path = `/configs/${encodeURIComponent(name)}`;
  const { data, error } = useLoaded(
    () => api.get<{ versions: ConfigHead[] }>(`${path}/versions`),
    `${name} ${current}`,
  );
  return (
    <>
      <h2>Versions</h2>
      <Trouble error={error} />
      {data === null && error === null && <Loading />}
      {data !== null && (
        <Table
          caption="Versions, the newest first"
          rows={data.versions}
          keyOf={({ version }) => version}
          columns={[
            { head: 'Version', cell: ({ version }) => version, numeric: true },
            { head: 'When', cell: ({ time }) => <Ago time={time} /> },
            { head: 'By', cell: ({ author }) => <span title={author.id}>{author.name}</span> },
            { head: 'Comment', cell: ({ comment }) => comment, free: true },
            {
              head: 'Do',
              cell: ({ version }) =>
                version !== current && (
                  <button
                    type="button"
                    class="quiet"
                    aria-label={`Compare version ${version}`}
                    onClick={() => setShown(version)}
                  >
                    Compare
                  </button>
                ),
            },
          ]}
        />
      )}
      {shown !== null && (
        <CompareDialog
          path={path}
          from={current}
          to={shown}
          close={() => setShown(null)}
          rollback={() => {
            setShown(null);
            void rollback(shown);
          }}
        />
      )}
    </>
  );
}

interface CompareProps {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly close: () => void;
  readonly rollback: () => void;
}

function CompareDialog({ path, from, to, close, rollback }: CompareProps) {
  const { api } = useSession();
  const { data, error } = useLoaded(
    () => api.get<{ diff: string }>(`${path}/diff?from=${from}&to=${to}`),
    `${path} ${from} ${to}`,
  );
  return (
    <Dialog title={`Back to version ${to}?`} close={close}>
      <Trouble error={error} />
      {data === null ? <Loading /> : <Diff text={data.diff} />}
      <button type="button" onClick={rollback}>
        Take back the text of version {to}
      </button>
    </Dialog>
  );
}
