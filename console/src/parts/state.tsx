import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'warn' | 'bad' | 'calm';

const SIGNS: Readonly<Record<Tone, string>> = { good: '●', warn: '▲', bad: '✖', calm: '○' };

/** A state in words, with a shape and a colour beside. */
export function State({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`state ${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {children}
    </span>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  connected: 'good',
  opening: 'warn',
  retrying: 'warn',
  reconnecting: 'warn',
  failed: 'bad',
  closed: 'bad',
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'calm';
}
