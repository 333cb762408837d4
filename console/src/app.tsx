import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import { useRoute } from './hooks.js';
import { Audit } from './pages/audit.js';
import { Bans } from './pages/bans.js';
import { Broadcasts } from './pages/broadcasts.js';
import { Commands } from './pages/commands.js';
import { Configs } from './pages/configs.js';
import { DeadLetters } from './pages/dead-letters.js';
import { Overview } from './pages/overview.js';
import { People } from './pages/people.js';
import { RoomPage } from './pages/room.js';
import { Rooms } from './pages/rooms.js';
import { SignIn } from './pages/sign-in.js';
import { Guard } from './parts/guard.js';
import { Empty } from './parts/notice.js';
import { SCHEMES, type Scheme, useScheme } from './scheme.js';
import { may, type Session, SessionContext } from './session.js';
import { useSignIn } from './sign-in.js';
import type { Me } from './types.js';

interface Page {
  readonly path: string;
  readonly name: string;
  /** The scope that it needs. */
  readonly scope: string;
  readonly show: (words: readonly string[]) => ComponentChild;
}

const PAGES: readonly Page[] = [
  { path: '', name: 'Overview', scope: 'status', show: () => <Overview /> },
  {
    path: 'rooms',
    name: 'Rooms',
    scope: 'read',
    show: ([room]) => (room === undefined ? <Rooms /> : <RoomPage key={room} room={room} />),
  },
  { path: 'people', name: 'People', scope: 'read', show: () => <People /> },
  { path: 'commands', name: 'Commands', scope: 'write', show: () => <Commands /> },
  { path: 'bans', name: 'Bans', scope: 'admin', show: () => <Bans /> },
  { path: 'broadcasts', name: 'Broadcasts', scope: 'admin', show: () => <Broadcasts /> },
  { path: 'config', name: 'Config', scope: 'admin', show: ([name]) => <Configs name={name} /> },
  { path: 'audit', name: 'Audit', scope: 'admin', show: () => <Audit /> },
  { path: 'dead', name: 'Dead letters', scope: 'admin', show: () => <DeadLetters /> },
];

export function App() {
  const { session, why, busy, enter } = useSignIn();
  const scheme = useScheme();
  if (session === null) return <SignIn why={why} busy={busy} enter={enter} />;
  return <Inside session={session} scheme={scheme} />;
}

interface InsideProps {
  readonly session: Session;
  readonly scheme: readonly [Scheme, (scheme: Scheme) => void];
}

function Inside({ session, scheme }: InsideProps) {
  const [path = '', ...words] = useRoute();
  const page = PAGES.find((one) => one.path === path);
  const name = page?.name ?? 'No such page';
  const [about] = words;
  useEffect(() => {
    document.title = [about, name, 'Parley'].filter((word) => word !== undefined).join(' – ');
    // On a phone the names of the pages do not fit side by side.
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [about, name]);
  return (
    <SessionContext.Provider value={session}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the page
      </button>
      <Head session={session} scheme={scheme} />
      <nav aria-label="Pages">
        {PAGES.filter(({ scope }) => may(session.me, scope)).map((one) => (
          <a key={one.path} href={`#/${one.path}`} aria-current={one === page ? 'page' : undefined}>
            {one.name}
          </a>
        ))}
      </nav>
      <main id="main" tabIndex={-1}>
        <h1 class={path === 'rooms' && words.length > 0 ? 'unseen' : ''}>{name}</h1>
        <Guard key={location.hash}>{shown(page, session.me, words)}</Guard>
      </main>
    </SessionContext.Provider>
  );
}

function shown(page: Page | undefined, me: Me, words: readonly string[]): ComponentChild {
  if (page === undefined) return <Empty>Choose one of the pages above.</Empty>;
  if (may(me, page.scope)) return page.show(words);
  return (
    <Empty>
      The token “{me.name}” has no scope “{page.scope}”. Make one with{' '}
      <code>parley token create … --scope {page.scope}</code>, and sign in with that.
    </Empty>
  );
}

function Head({ session, scheme: [scheme, setScheme] }: InsideProps) {
  return (
    <header class="head">
      <a class="brand" href="#/">
        Parley
      </a>
      <label>
        <span class="unseen">Colours</span>
        <select
          value={scheme}
          onChange={({ currentTarget }) => setScheme(SCHEMES[currentTarget.selectedIndex] ?? 'system')}
        >
          <option value="system">System</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
      <span class="who" title={session.me.scopes.join(', ')}>
        {session.me.name}
      </span>
      <button type="button" class="quiet" onClick={session.signOut}>
        Sign out
      </button>
    </header>
  );
}
