import { useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { Act } from '../parts/act.js';
import { Answer, Empty, Loading, Trouble } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { readable } from '../readable.js';
import { useSession } from '../session.js';
import type { Answered, Letter } from '../types.js';

export function DeadLetters() {
  const { api } = useSession();
  const [answer, setAnswer] = useState<Answered | null>(null);
  const { data, error, reload } = useLoaded(
    async () => {
      const { letters } = await api.get<{ letters: Letter[] }>('/dead?limit=200');
      return { letters: letters.map((letter) => ({ ...letter, event: readable(letter.event) })) };
    },
    'dead',
    5000,
  );
  const told = (answered: Answered) => {
    setAnswer(answered);
    void reload();
  };
  const replay =
    ({ sequence, network }: Letter) =>
    async () => {
      await api.send('POST', `/dead/${sequence}/replay`, {});
      return { refused: false, lines: [`${network} said it again.`] };
    };
  const drop =
    ({ sequence }: Letter) =>
    async () => {
      await api.send('DELETE', `/dead/${sequence}`);
      return { refused: false, lines: ['Dropped. It stays in the log of its room.'] };
    };
  return (
    <>
      <p class="help">
        What no network would take. Mend what the reason says, then say it again, or drop it.
      </p>
      {answer !== null && <Answer focused {...answer} />}
      <Trouble error={error} />
      {data === null && error === null && <Loading />}
      {data?.letters.length === 0 && <Empty>None: every network took everything.</Empty>}
      {data !== null && data.letters.length > 0 && (
        <Table
          caption="Dead letters, the newest first"
          rows={data.letters}
          keyOf={({ sequence }) => sequence}
          columns={[
            { head: 'When', cell: ({ time }) => <Ago time={time} /> },
            { head: 'Network', cell: ({ network, channel }) => `${network} ${channel}` },
            { head: 'Why', cell: ({ reason, attempts }) => `${reason} (${attempts}×)` },
            { head: 'Who', cell: ({ event }) => <strong>{event.data.author.name}</strong> },
            { head: 'What', cell: ({ event }) => event.data.text, free: true },
            {
              head: 'Do',
              cell: (letter) => (
                <span class="row">
                  <Act
                    run={replay(letter)}
                    told={told}
                    label={`Say again what ${letter.network} did not take`}
                  >
                    Say again
                  </Act>
                  <Act
                    run={drop(letter)}
                    told={told}
                    sure="Really drop?"
                    label={`Drop the letter for ${letter.network}`}
                  >
                    Drop
                  </Act>
                </span>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
