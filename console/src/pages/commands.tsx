import { useRef, useState } from 'preact/hooks';
import { useLoaded } from '../hooks.js';
import { answerOf } from '../parts/act.js';
import { Answer, Empty, Loading, Trouble } from '../parts/notice.js';
import { Search } from '../parts/search.js';
import { Table } from '../parts/table.js';
import { useSession } from '../session.js';
import type { Answered, CommandView, Room } from '../types.js';

interface Given {
  readonly line: string;
  readonly answer: Answered;
}

/** Answers that are kept on the page. */
const KEPT = 50;

export function Commands() {
  const { api } = useSession();
  const { data, error } = useLoaded(
    () => api.get<{ commands: CommandView[] }>('/commands'),
    'commands',
    60_000,
  );
  const rooms = useLoaded(() => api.get<{ rooms: Room[] }>('/rooms').catch(() => ({ rooms: [] })), 'rooms');
  const [given, setGiven] = useState<readonly Given[]>([]);
  const [room, setRoom] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const commands = data?.commands ?? [];
  const give = async (line: string) => {
    const answer = await answerOf(() => api.command(line, room === '' ? undefined : room));
    setGiven((before) => [{ line, answer }, ...before].slice(0, KEPT));
  };
  const write = (line: string) => {
    if (field.current === null) return;
    field.current.value = line;
    field.current.focus();
  };
  return (
    <>
      <Prompt field={field} commands={commands} lines={given.map(({ line }) => line)} give={give} />
      <label class="inline">
        About the room{' '}
        <select value={room} onChange={({ currentTarget }) => setRoom(currentTarget.value)}>
          <option value="">none</option>
          {rooms.data?.rooms.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Trouble error={error} />
      <ol class="answers" aria-label="Answers, the newest first">
        {given.map(({ line, answer }, index) => (
          <li key={given.length - index}>
            <code>{line}</code>
            <Answer {...answer} />
          </li>
        ))}
      </ol>
      <h2>What can be asked</h2>
      {data === null && error === null ? <Loading /> : <Listed commands={commands} write={write} />}
    </>
  );
}

interface PromptProps {
  readonly field: { current: HTMLInputElement | null };
  readonly commands: readonly CommandView[];
  /** Given before, the newest first. */
  readonly lines: readonly string[];
  readonly give: (line: string) => Promise<void>;
}

/** One line, with completion of names, and the lines given before on the arrow keys. */
function Prompt({ field, commands, lines, give }: PromptProps) {
  const at = useRef(-1);
  const submit = async (event: Event) => {
    event.preventDefault();
    const line = field.current?.value.trim() ?? '';
    if (line === '' || field.current === null) return;
    field.current.value = '';
    at.current = -1;
    await give(line);
  };
  const recall = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    const isChoosing = at.current < 0 && field.current?.value !== '';
    if (step === 0 || isChoosing || field.current === null) return;
    event.preventDefault();
    at.current = Math.max(-1, Math.min(lines.length - 1, at.current + step));
    field.current.value = lines[at.current] ?? '';
  };
  return (
    <form class="prompt" onSubmit={submit}>
      <label for="command">Command</label>
      <input
        id="command"
        ref={field}
        list="command-names"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        placeholder="help"
        onKeyDown={recall}
      />
      <datalist id="command-names">
        {commands.map(({ name, usage }) => (
          <option key={name} value={name}>
            {usage}
          </option>
        ))}
      </datalist>
      <button type="submit">Give</button>
    </form>
  );
}

interface ListedProps {
  readonly commands: readonly CommandView[];
  readonly write: (line: string) => void;
}

function Listed({ commands, write }: ListedProps) {
  const [wanted, setWanted] = useState('');
  const found = commands.filter(
    ({ name, help, hidden }) => !hidden && `${name} ${help}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <>
      <Search label="Find a command" value={wanted} change={setWanted} />
      {found.length === 0 ? (
        <Empty>No command of that name or description.</Empty>
      ) : (
        <Table
          caption="Commands"
          rows={found}
          keyOf={({ name }) => name}
          columns={[
            {
              head: 'Command',
              cell: ({ name, usage }) => (
                <>
                  <button type="button" class="link" onClick={() => write(`${name} `)}>
                    {name}
                  </button>{' '}
                  <code>{usage}</code>
                </>
              ),
            },
            { head: 'What it does', cell: ({ help }) => help },
            { head: 'Needs', cell: ({ permission }) => permission ?? 'nothing' },
          ]}
        />
      )}
    </>
  );
}
