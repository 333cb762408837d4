/** Light or dark: as the system has it, until somebody chooses. */
import { useLayoutEffect, useState } from 'preact/hooks';

const KEY = 'parley.scheme';
export const SCHEMES = ['system', 'light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export function useScheme(): readonly [Scheme, (scheme: Scheme) => void] {
  const [scheme, setScheme] = useState<Scheme>(stored);
  // Before the page is painted: no flash of the other colours.
  useLayoutEffect(() => {
    if (scheme === 'system') delete document.documentElement.dataset.scheme;
    else document.documentElement.dataset.scheme = scheme;
    localStorage.setItem(KEY, scheme);
  }, [scheme]);
  return [scheme, setScheme];
}

function stored(): Scheme {
  const found = SCHEMES.find((scheme) => scheme === localStorage.getItem(KEY));
  return found ?? 'system';
}
