import { useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api.js';
import { Trouble } from '../parts/notice.js';
import { useSession } from '../session.js';

/** Enter sends, with Shift it breaks the line. */
export function Composer({ room }: { readonly room: string }) {
  const { api, me } = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const busy = useRef(false);
  /** The same line keeps its key until it was accepted, so that a repeat says it once. */
  const tried = useRef({ text: '', key: '' });
  const send = async (event: Event) => {
    event.preventDefault();
    const text = field.current?.value ?? '';
    if (text.trim() === '' || busy.current) return;
    busy.current = true;
    if (tried.current.text !== text) tried.current = { text, key: newKey() };
    try {
      const headers = { 'idempotency-key': tried.current.key };
      await api.send('POST', `/rooms/${encodeURIComponent(room)}/messages`, { text }, headers);
      tried.current = { text: '', key: '' };
      take(field.current, text);
      setError(null);
    } catch (fault) {
      setError(asApiError(fault));
    }
    busy.current = false;
    field.current?.focus();
  };
  return (
    <form class="composer" onSubmit={send}>
      <label class="unseen" for="line">
        Say something in {room} as {me.name}
      </label>
      <textarea
        id="line"
        ref={field}
        rows={1}
        placeholder={`Say something as ${me.name}`}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) void send(event);
        }}
      />
      <button type="submit">Send</button>
      <Trouble error={error} />
    </form>
  );
}

/** Takes out what was said; what was typed meanwhile stays. */
function take(field: HTMLTextAreaElement | null, said: string): void {
  if (field?.value.startsWith(said)) field.value = field.value.slice(said.length);
}

/** Not `randomUUID`: browsers have that only where the page came by TLS, or from this machine. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');
}
