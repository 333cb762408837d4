import type { Abilities } from '../bridge.js';
import { type Act, type Rendered, type RenderTarget, render } from '../routing/index.js';
import { actsOf, NEW } from './reference.js';
import type { Utterance } from './utterance.js';

/** In place of a part that cannot be removed. */
const REMOVED = '…';

/** The utterance as the target is to get it, given what it refers to; null when there is nothing to say. */
export function phrase(
  { event, reference = NEW }: Utterance,
  target: RenderTarget,
  { deletes }: Abilities,
): Rendered | null {
  if (reference.kind === 'quote') return render(event, { ...target, quote: reference.quote });
  // The message itself shows that it was edited: no word about it in the text.
  const shown = reference.kind === 'edit' ? { ...event, type: 'chat.message' } : event;
  const said = reference.kind === 'delete' ? null : render(shown, target);
  if (reference.kind !== 'delete' && said === null) return null;
  const texts = said?.parts ?? [];
  const acts = actsOf(reference, texts.length);
  if (acts === undefined) return said;
  const done = acts.map((act, part) => withText(act, texts[part], deletes));
  return {
    type: said?.type ?? 'chat.message',
    parts: done.map(({ text }) => text),
    acts: done.map(({ act }) => act),
  };
}

function withText(act: Act, text: string | undefined, deletes: boolean): { text: string; act: Act } {
  if (act.deletes === undefined || deletes) return { text: text ?? '', act };
  return { text: REMOVED, act: { edits: act.deletes } };
}
