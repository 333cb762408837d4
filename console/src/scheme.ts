/** Light or dark: as the system has it, until somebody chooses. */
import { useEffect, useState } from 'preact/hooks';

const KEY = 'parley.scheme';
export const SCHEMES = ['system', 'light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export function useScheme(): readonly [Scheme, (scheme: Scheme) => void] {
  const [scheme, setScheme] = useState<Scheme>(stored);
  useEffect(() => {
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
