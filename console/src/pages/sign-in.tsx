import { useEffect, useRef } from 'preact/hooks';
import type { ApiError } from '../api.js';
import { Trouble } from '../parts/notice.js';

interface SignInProps {
  /** Why one has to, or why it did not work. */
  readonly why: ApiError | null;
  readonly busy: boolean;
  readonly enter: (token: string) => void;
}

export function SignIn({ why, busy, enter }: SignInProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Sign in – Parley';
    field.current?.focus();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    if (token !== '') enter(token);
  };
  return (
    <main class="sign-in">
      <h1>Parley</h1>
      <form onSubmit={submit}>
        <label for="token">Token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          aria-describedby="token-help"
        />
        <button type="submit" disabled={busy}>
          {busy ? 'Looking …' : 'Sign in'}
        </button>
      </form>
      <Trouble error={why} />
      <p id="token-help" class="help">
        Whoever runs the gateway makes one: <code>npx parley token create me --scope admin</code>. It is kept
        until this tab is closed, and sent to this gateway only.
      </p>
    </main>
  );
}
