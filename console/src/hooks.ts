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
  const shown = useRef(key);
  current.current = load;
  const reload = useCallback(async () => {
    try {
      const fresh = await current.current();
      if (shown.current !== key) return;
      setData(fresh);
      setError(null);
    } catch (fault) {
      if (shown.current === key) setError(asApiError(fault));
    }
  }, [key]);
  useEffect(() => {
    shown.current = key;
    setData(null);
    void reload();
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) void reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [key, everyMs, reload]);
  return { data, error, reload };
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
