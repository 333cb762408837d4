import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Empty, Loading, Trouble } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { useSession } from '../session.js';
import type { ConfigHead } from '../types.js';
import { ConfigPage } from './config.js';

export function Configs({ name }: { readonly name: string | undefined }) {
  return name === undefined ? <Listed /> : <ConfigPage key={name} name={name} />;
}

function Listed() {
  const { api } = useSession();
  const { data, error } = useLoaded(() => api.get<{ configs: ConfigHead[] }>('/configs'), 'configs', 10_000);
  return (
    <>
      <p class="help">
        Documents with channels and bans, which gateways and bots take from <code>/config/…</code>: those
        whose config names them under <code>remote:</code>.
      </p>
      <Trouble error={error} />
      {data === null && error === null && <Loading />}
      {data?.configs.length === 0 && <Empty>None yet. Name the first one below.</Empty>}
      {data !== null && data.configs.length > 0 && (
        <Table
          caption="Documents"
          rows={data.configs}
          keyOf={({ name }) => name}
          columns={[
            { head: 'Document', cell: ({ name }) => <a href={configLink(name)}>{name}</a> },
            { head: 'Version', cell: ({ version }) => version, numeric: true },
            { head: 'Changed', cell: ({ time }) => <Ago time={time} /> },
            { head: 'By', cell: ({ author }) => <span title={author.id}>{author.name}</span> },
            { head: 'Comment', cell: ({ comment }) => comment, free: true },
          ]}
        />
      )}
      <NewDocument />
    </>
  );
}

function NewDocument() {
  const [name, setName] = useState('');
  const open = (event: Event) => {
    event.preventDefault();
    location.hash = configLink(name);
  };
  return (
    <form class="row" onSubmit={open}>
      <label class="search">
        Open or begin a document
        <input
          value={name}
          required
          pattern="[a-z0-9][a-z0-9\-]{0,31}"
          title="1-32 of a-z, 0-9 and -"
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <button type="submit">Open</button>
    </form>
  );
}

export function configLink(name: string): string {
  return `#/config/${encodeURIComponent(name)}`;
}
