import { useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { Diff } from '../parts/diff.js';
import { Editor } from '../parts/editor.js';
import { Loading, Trouble } from '../parts/notice.js';
import { useSession } from '../session.js';
import type { ConfigVersion, Problem, Validated } from '../types.js';
import { Versions } from './versions.js';

const FIRST = `# Channels to be in, and who is kept out.
channels:
  - { network: quakenet, channel: "#example", room: lobby }
bans: []
`;

interface Loaded {
  readonly text: string;
  /** Null: there is no such document yet. */
  readonly version: number | null;
}

/** One document: its text, what is wrong in it, what it would change, and what it was. */
export function ConfigPage({ name }: { readonly name: string }) {
  const { api } = useSession();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [text, setText] = useState('');
  const [checked, setChecked] = useState<Validated | null>(null);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [told, setTold] = useState('');
  const path = `/configs/${encodeURIComponent(name)}`;

  const take = (next: Loaded) => {
    setLoaded(next);
    setText(next.text);
    setChecked(null);
    setError(null);
  };
  const load = () =>
    api.get<ConfigVersion>(path).then(take, (fault) => {
      const problem = asApiError(fault);
      if (problem.status === 404) take({ text: FIRST, version: null });
      else setError(problem);
    });
  // Once for each document.
  useEffect(() => void load(), [api, path]);

  const attempt = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (fault) {
      setError(asApiError(fault));
    }
  };
  const check = () =>
    attempt(async () => {
      const { body } = await api.send<Validated>('POST', `${path}/validate`, { text });
      setChecked(body);
      setError(null);
    });
  const changed = (version: ConfigVersion, how: string) => {
    take({ text: version.text, version: version.version });
    setTold(`${how} as version ${version.version}.`);
  };
  const whichOf = (version: number | null): Readonly<Record<string, string>> =>
    version === null ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` };
  const save = (comment: string) =>
    attempt(async () => {
      setSaving(false);
      const headers = whichOf(loaded?.version ?? null);
      const { body } = await api.send<ConfigVersion>('PUT', path, { text, comment }, headers);
      changed(body, 'Saved');
    });
  const rollback = (version: number) =>
    attempt(async () => {
      const headers = whichOf(loaded?.version ?? null);
      const { body } = await api.send<ConfigVersion>('POST', `${path}/rollback`, { version }, headers);
      changed(body, `The text of version ${version} is back`);
    });

  if (loaded === null) return error === null ? <Loading /> : <Trouble error={error} />;
  const problems = checked?.problems ?? problemsIn(error);
  const isSame = text === loaded.text && loaded.version !== null;
  return (
    <>
      <h2>
        <a href="#/config">Config</a> / {name},{' '}
        {loaded.version === null ? 'not saved yet' : `version ${loaded.version}`}
      </h2>
      <Trouble error={error} />
      {error?.status === 412 && (
        <p class="row">
          <button type="button" class="quiet" onClick={load}>
            Load what is there now, without what was written here
          </button>
        </p>
      )}
      {told !== '' && error === null && (
        <p class="notice good" role="status">
          {told}
        </p>
      )}
      <Editor
        label={`Text of ${name}, YAML`}
        text={text}
        problems={problems}
        change={(next) => {
          setText(next);
          setChecked(null);
          setTold('');
        }}
      />
      <Problems problems={problems} valid={checked?.valid ?? null} />
      <p class="row">
        <button type="button" class="quiet" onClick={check}>
          Check
        </button>
        <button type="button" disabled={isSame} onClick={() => check().then(() => setSaving(true))}>
          Save …
        </button>
      </p>
      {checked !== null && !saving && <Diff text={checked.diff} />}
      {saving && checked !== null && (
        <SaveDialog checked={checked} save={save} close={() => setSaving(false)} />
      )}
      {loaded.version !== null && <Versions name={name} current={loaded.version} rollback={rollback} />}
    </>
  );
}

function Problems({
  problems,
  valid,
}: {
  readonly problems: readonly Problem[];
  readonly valid: boolean | null;
}) {
  if (problems.length === 0)
    return valid === true ? (
      <p class="notice good" role="status">
        It is a document.
      </p>
    ) : null;
  return (
    <div class="notice bad" role="alert">
      <ol class="problems">
        {problems.map(({ path, line, column, message, fix }) => (
          <li key={`${line} ${column} ${path}`}>
            Line {line}, {path === '' ? 'the text' : <code>{path}</code>}: {message}. {fix}
          </li>
        ))}
      </ol>
    </div>
  );
}

interface SaveProps {
  readonly checked: Validated;
  readonly save: (comment: string) => Promise<void>;
  readonly close: () => void;
}

function SaveDialog({ checked, save, close }: SaveProps) {
  const [comment, setComment] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    void save(comment);
  };
  return (
    <Dialog title="Save this change?" close={close}>
      <Diff text={checked.diff} />
      {checked.valid ? (
        <form class="fields" onSubmit={submit}>
          <label>
            Why, for the history
            <input
              value={comment}
              maxLength={200}
              onInput={({ currentTarget }) => setComment(currentTarget.value)}
            />
          </label>
          <button type="submit">Save</button>
        </form>
      ) : (
        <p class="notice bad" role="alert">
          It has faults: close this, and correct what is named below the text.
        </p>
      )}
    </Dialog>
  );
}

/** Those that a refused save names. */
function problemsIn(error: ApiError | null): readonly Problem[] {
  const { problems } = error?.members ?? {};
  return Array.isArray(problems) ? (problems as Problem[]) : [];
}
