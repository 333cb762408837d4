import { useLoaded } from '../hooks.js';
import { Empty, Loading, Trouble } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { useSession } from '../session.js';
import type { Room } from '../types.js';

export function Rooms() {
  const { api } = useSession();
  const { data, error } = useLoaded(() => api.get<{ rooms: Room[] }>('/rooms'), 'rooms', 30_000);
  if (data === null) return error === null ? <Loading /> : <Trouble error={error} />;
  if (data.rooms.length === 0)
    return <Empty>This token may read no room, or the config has none: write one under “rooms:”.</Empty>;
  return (
    <>
      <Trouble error={error} />
      <Table
        caption="Rooms"
        rows={data.rooms}
        keyOf={({ name }) => name}
        columns={[
          { head: 'Room', cell: ({ name }) => <a href={roomLink(name)}>{name}</a> },
          {
            head: 'Channels',
            cell: ({ channels }) => (
              <ul class="tags">
                {channels.map(({ network, channel, direction }) => (
                  <li key={`${network} ${channel}`}>
                    {network} {channel}
                    {direction === 'both' ? '' : ` (${direction} only)`}
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </>
  );
}

export function roomLink(room: string): string {
  return `#/rooms/${encodeURIComponent(room)}`;
}
