import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api.js';
import { readable } from '../readable.js';
import { useSession } from '../session.js';
import type { Logged } from '../types.js';
import { EMPTY, type Window, withLatest, withNew, withOlder } from './lines.js';

const PAGE = 100;
/** What comes within this time is shown at once, in one go. */
const GATHER_MS = 100;

export interface RoomLines extends Window {
  readonly error: ApiError | null;
  readonly loading: boolean;
  readonly older: () => Promise<void>;
  /** Back to what is said now. */
  readonly latest: () => Promise<void>;
  /** Lines of people since the page was opened. */
  readonly heard: number;
  /** Tells whether somebody reads further up, where nothing may be taken away. */
  readonly read: (further: boolean) => void;
}

/** The lines of a room, live. */
export function useRoom(room: string): RoomLines {
  const { api } = useSession();
  const [window, setWindow] = useState<Window>(EMPTY);
  const [error, setError] = useState<ApiError | null>(null);
  const [loading, setLoading] = useState(true);
  const [heard, setHeard] = useState(0);
  const waiting = useRef<Logged[]>([]);
  const reading = useRef(false);
  const read = useCallback((further: boolean) => {
    reading.current = further;
  }, []);
  const path = `/rooms/${encodeURIComponent(room)}/messages`;

  const take = useCallback(
    async (query: string, use: (events: readonly Logged[]) => void) => {
      setLoading(true);
      try {
        use((await api.get<readonly Logged[]>(`${path}?limit=${PAGE}${query}`)).map(readable));
        setError(null);
      } catch (fault) {
        setError(asApiError(fault));
      }
      setLoading(false);
    },
    [api, path],
  );
  const latest = useCallback(
    () => take('', (events) => setWindow((shown) => withLatest(shown, events, events.length < PAGE))),
    [take],
  );
  const oldest = window.lines[0]?.event.sequence;
  const older = useCallback(async () => {
    if (oldest === undefined) return;
    await take(`&before=${oldest}`, (events) =>
      setWindow((shown) => withOlder(shown, events, events.length < PAGE)),
    );
  }, [take, oldest]);

  useEffect(() => {
    const ending = new AbortController();
    const show = () => {
      const events = waiting.current;
      if (events.length === 0) return;
      waiting.current = [];
      setWindow((shown) => withNew(shown, events, reading.current));
      setHeard((before) => before + events.filter(({ type }) => type.startsWith('chat.')).length);
    };
    const timer = setInterval(show, GATHER_MS);
    const follower = {
      // The latest are read once the stream is open: nothing falls between.
      opened: (resumes: boolean) => {
        if (resumes) setError(null);
        else void latest();
      },
      heard: (event: Logged) => waiting.current.push(readable(event)),
      lost: setError,
    };
    void api.follow(room, follower, ending.signal);
    return () => {
      ending.abort();
      clearInterval(timer);
    };
  }, [api, room, latest]);
  return { ...window, error, loading, older, latest, heard, read };
}
