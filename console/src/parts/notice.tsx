import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.js';

/** What went wrong, and what to do next. */
export function Trouble({ error }: { readonly error: ApiError | null }) {
  if (error === null) return null;
  return (
    <div class="notice bad" role="alert">
      <strong>{error.message}</strong> {error.fix}
    </div>
  );
}

/** Nothing to show, and what to do about it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Loading() {
  return (
    <p class="empty" role="status">
      Loading …
    </p>
  );
}

interface AnswerProps {
  readonly refused: boolean;
  readonly lines: readonly string[];
  /** Of the answer that the focus goes to. */
  readonly id?: string;
}

/** What a command answered. */
export function Answer({ refused, lines, id }: AnswerProps) {
  return (
    <div
      id={id}
      tabIndex={-1}
      class={`notice ${refused ? 'bad' : 'good'}`}
      role={refused ? 'alert' : 'status'}
    >
      {lines.map((line, index) => (
        <p key={index}>{line}</p>
      ))}
    </div>
  );
}
