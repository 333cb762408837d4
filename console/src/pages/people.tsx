import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Empty, Loading, Trouble } from '../parts/notice.js';
import { Search } from '../parts/search.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { useSession } from '../session.js';
import type { Member, Room } from '../types.js';
import { count } from '../words.js';
import { roomLink } from './rooms.js';

interface Seen extends Member {
  readonly rooms: readonly string[];
}

/** Shown at once; the search finds the others. */
const MOST = 500;

export function People() {
  const { api } = useSession();
  const [wanted, setWanted] = useState('');
  const { data, error } = useLoaded(
    async () => {
      const { rooms } = await api.get<{ rooms: Room[] }>('/rooms');
      const all = rooms.map(async ({ name }) => {
        const { members } = await api.get<{ members: Member[] }>(
          `/rooms/${encodeURIComponent(name)}/members`,
        );
        return members.map((member) => ({ member, room: name }));
      });
      return gathered((await Promise.all(all)).flat());
    },
    'people',
    10_000,
  );
  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  const word = wanted.toLowerCase();
  const found = data.filter(({ name, network, channel }) =>
    `${name} ${network} ${channel}`.toLowerCase().includes(word),
  );
  return (
    <>
      <Trouble error={error} />
      <Search label="Find somebody" value={wanted} change={setWanted} />
      <p role="status">{count(found.length, 'person').replace('persons', 'people')}</p>
      {found.length === 0 ? (
        <Empty>Nobody of that name is in a room, as far as the networks tell.</Empty>
      ) : null}
      <Table
        caption="People in all rooms"
        rows={found.slice(0, MOST)}
        keyOf={({ name, network, channel }) => `${network} ${channel} ${name}`}
        columns={[
          { head: 'Name', cell: nameOf },
          { head: 'Network', cell: ({ network }) => network },
          { head: 'Channel', cell: ({ channel }) => channel },
          {
            head: 'Rooms',
            cell: ({ rooms }) =>
              rooms.map((room, index) => (
                <span key={room}>
                  {index > 0 && ', '}
                  <a href={roomLink(room)}>{room}</a>
                </span>
              )),
          },
          { head: 'Told', cell: ({ at }) => <Ago time={at} /> },
        ]}
      />
    </>
  );
}

export function nameOf({ name, rank, bot }: Member) {
  return (
    <>
      <strong>{name}</strong> {rank !== null && <span class="badge">{rank}</span>}
      {bot && <span class="badge">bot</span>}
    </>
  );
}

/** One row for a person in a channel, however many rooms hear it. */
function gathered(all: readonly { readonly member: Member; readonly room: string }[]): readonly Seen[] {
  const seen = new Map<string, Seen>();
  for (const { member, room } of all) {
    const key = `${member.network} ${member.channel} ${member.name}`;
    seen.set(key, { ...member, rooms: [...(seen.get(key)?.rooms ?? []), room] });
  }
  return [...seen.values()].sort((a, b) => a.name.localeCompare(b.name));
}
