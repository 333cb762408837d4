/** From a token to somebody who is signed in, and out again. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Api, type ApiError, asApiError } from './api.js';
import { type Session, storedToken, storeToken } from './session.js';
import type { Me } from './types.js';

const AGAIN_MS = 3000;

/** One for each time that somebody signs in, also with the same token. */
interface Given {
  readonly token: string;
}

export interface SignIn {
  /** Null: nobody is signed in. */
  readonly session: Session | null;
  /** Why not, or why not any more. */
  readonly why: ApiError | null;
  readonly busy: boolean;
  readonly enter: (token: string) => void;
}

export function useSignIn(): SignIn {
  const [given, setGiven] = useState(storedGiven);
  const [me, setMe] = useState<Me | null>(null);
  const [why, setWhy] = useState<ApiError | null>(null);
  const current = useRef(given);
  const change = useCallback((next: Given | null, reason: ApiError | null) => {
    current.current = next;
    storeToken(next?.token ?? null);
    setGiven(next);
    setMe(null);
    setWhy(reason);
  }, []);
  const api = useMemo(() => {
    if (given === null) return null;
    // A late answer to somebody who has left must not send away who came since.
    return new Api(given.token, (reason) => current.current === given && change(null, reason));
  }, [given, change]);
  useEffect(() => (api === null ? undefined : askWho(api, setMe, setWhy)), [api]);
  const signOut = useCallback(() => change(null, null), [change]);
  const enter = useCallback((token: string) => change({ token }, null), [change]);
  const session = useMemo(
    () => (api === null || me === null ? null : { api, me, signOut }),
    [api, me, signOut],
  );
  return { session, why, busy: api !== null && why === null, enter };
}

function storedGiven(): Given | null {
  const token = storedToken();
  return token === null ? null : { token };
}

/** Asks until the gateway answers. Returns what ends that. */
function askWho(api: Api, known: (me: Me) => void, failed: (why: ApiError) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const ask = async () => {
    try {
      const me = await api.get<Me>('/me');
      if (!isOver) known(me);
    } catch (error) {
      if (isOver) return;
      const why = asApiError(error);
      if (why.status === 401) return;
      failed(why);
      timer = setTimeout(ask, AGAIN_MS);
    }
  };
  void ask();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
