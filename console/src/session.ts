/** Who is signed in: the token, for as long as the tab is open, and what it may do. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.js';
import type { Me } from './types.js';

const KEY = 'parley.token';

export interface Session {
  readonly api: Api;
  readonly me: Me;
  readonly signOut: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('nobody is signed in');
  return session;
}

/** The scope, or `admin`; with a room, the scope of that room, too. Without one, `read` and `write` of any room do. */
export function may({ scopes }: Me, verb: string, room?: string): boolean {
  if (scopes.includes('admin') || scopes.includes(verb)) return true;
  return room === undefined
    ? scopes.some((scope) => scope.startsWith(`${verb}:`))
    : scopes.includes(`${verb}:${room}`);
}

export const storedToken = (): string | null => sessionStorage.getItem(KEY);

export function storeToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}
