import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Trouble } from '../parts/notice.js';
import { may, useSession } from '../session.js';
import type { Member } from '../types.js';
import { count } from '../words.js';
import { Composer } from './composer.js';
import { Log } from './log.js';
import { nameOf } from './people.js';
import { TraceDialog } from './trace.js';
import { useRoom } from './use-room.js';

export function RoomPage({ room }: { readonly room: string }) {
  const { api, me } = useSession();
  const lines = useRoom(room);
  const [traced, setTraced] = useState<string | null>(null);
  const members = useLoaded(
    () => api.get<{ members: Member[] }>(`/rooms/${encodeURIComponent(room)}/members`),
    room,
    10_000,
  );
  const canTrace = may(me, 'admin');
  return (
    <div class="room">
      <section class="talk" aria-label={`Room ${room}`}>
        <h2>
          <a href="#/rooms">Rooms</a> / {room}
        </h2>
        <Trouble error={lines.error} />
        <Log lines={lines} trace={canTrace ? setTraced : null} />
        {may(me, 'write', room) && <Composer room={room} />}
      </section>
      <details class="roster" open={innerWidth > 900}>
        <summary>
          {count(members.data?.members.length ?? 0, 'person').replace('persons', 'people')} here
        </summary>
        <ul>
          {members.data?.members.map((member) => (
            <li key={`${member.network} ${member.channel} ${member.name}`}>
              {nameOf(member)}
              <span class="from">
                {member.network} {member.channel}
              </span>
            </li>
          ))}
        </ul>
      </details>
      {traced !== null && <TraceDialog event={traced} close={() => setTraced(null)} />}
    </div>
  );
}
