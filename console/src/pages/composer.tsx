import { useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api.js';
import { Trouble } from '../parts/notice.js';
import { useSession } from '../session.js';

/** Enter sends, with Shift it breaks the line. */
export function Composer({ room }: { readonly room: string }) {
  const { api, me } = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const [error, setError] = useState<ApiError | null>(null);
  /** The same line keeps its key until it was accepted, so that a repeat says it once. */
  const key = useRef<string | null>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    const text = field.current?.value ?? '';
    if (text.trim() === '' || key.current !== null) return;
    key.current = crypto.randomUUID();
    try {
      const headers = { 'idempotency-key': key.current };
      await api.send('POST', `/rooms/${encodeURIComponent(room)}/messages`, { text }, headers);
      if (field.current !== null) field.current.value = '';
      setError(null);
    } catch (fault) {
      setError(asApiError(fault));
    }
    key.current = null;
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
        placeholder={`Say something in ${room} as ${me.name}`}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) void send(event);
        }}
      />
      <button type="submit">Send</button>
      <Trouble error={error} />
    </form>
  );
}
