import { useEffect, useRef } from 'preact/hooks';

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** A field that narrows what is shown; the key "/" leads there. */
export function Search({ label, value, change }: SearchProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <label class="search">
      <span>
        {label} <kbd>/</kbd>
      </span>
      <input
        ref={field}
        type="search"
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}
