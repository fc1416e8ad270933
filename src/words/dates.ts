/** Days and months as people read them. All are UTC. */

/** `2026-11-03…` as `3 November 2026`. */
export function day(iso: string): string {
  const at = new Date(iso);
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** `2026-11-03…` as `November`. */
export function month(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { month: 'long', timeZone: 'UTC' });
}

/** `3 Nov 2026`, for tables and lists. */
export function shortDay(at: Date): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
}

/** `3 Nov`, where the year is known. */
export function shortDayOfMonth(at: Date): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
