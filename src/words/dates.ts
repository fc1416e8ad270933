/** Days and months as people read them in sentences. All are UTC. */

/** `2026-11-03…` as `3 November 2026`. */
export function day(iso: string): string {
  const at = new Date(iso);
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** `2026-11-03…` as `November`. */
export function month(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { month: 'long', timeZone: 'UTC' });
}
