import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from './api.js';

export interface Loaded<Data> {
  readonly data: Data | null;
  /** What came of the last attempt; what was loaded before stays. */
  readonly error: ApiError | null;
  readonly reload: () => Promise<void>;
}

/** Loads now, and again every `everyMs` while the page is looked at. `key`: with another one, everything is loaded anew. */
export function useLoaded<Data>(load: () => Promise<Data>, key: string, everyMs?: number): Loaded<Data> {
  const [data, setData] = useState<Data | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const current = useRef(load);
  current.current = load;
  const turns = useRef({ asked: 0, answered: 0 });
  const reload = useCallback(async () => {
    const turn = ++turns.current.asked;
    const answer = await current.current().then(
      (fresh) => () => {
        setData(fresh);
        setError(null);
      },
      (fault) => () => setError(asApiError(fault)),
    );
    // An answer that was overtaken by a later one tells what was.
    if (turn < turns.current.answered) return;
    turns.current.answered = turn;
    answer();
  }, []);
  // Another key is another question.
  useEffect(() => {
    turns.current.answered = turns.current.asked + 1;
    setData(null);
    setError(null);
    void reload();
  }, [key, reload]);
  useEffect(() => (everyMs === undefined ? undefined : repeat(reload, everyMs)), [everyMs, reload]);
  return { data, error, reload };
}

/** Not while nobody looks, but as soon as somebody does again. Returns what ends it. */
function repeat(act: () => Promise<void>, everyMs: number): () => void {
  let isBusy = false;
  const once = async () => {
    if (document.hidden || isBusy) return;
    isBusy = true;
    await act();
    isBusy = false;
  };
  const timer = setInterval(once, everyMs);
  document.addEventListener('visibilitychange', once);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', once);
  };
}

/** The words behind `#/`, decoded. */
export function useRoute(): readonly string[] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
