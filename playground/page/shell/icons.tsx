/** The page's own icons: strokes on a 20 × 20 grid, in the colour of the text around them. */

const PATHS = {
  hash: 'M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13M3 12.5h13',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  menu: 'M3 5h14M3 10h14M3 15h14',
  close: 'M5 5l10 10M15 5 5 15',
  down: 'M10 4v12M5 11l5 5 5-5',
  chevron: 'M6 8l4 4 4-4',
  send: 'M3.5 10 17 3.5 12.5 17l-3-5.5zM9.5 11.5 17 3.5',
  sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5',
  smile: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M7 8v.5M13 8v.5M6.8 12a4 4 0 0 0 6.4 0',
  reply: 'M3 4.5h14v9H9.5L6 17v-3.5H3z',
  edit: 'M4 16l.8-3.5L13.5 4 16 6.5 7.5 15.2z',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.8 11h7.4l.8-11',
  more: 'M4.5 10h.1M10 10h.1M15.5 10h.1',
  pulse: 'M2.5 10.5H6L8 4.5l4 11 2-5h3.5',
  clip: 'M13.5 6.5 7 13a2 2 0 0 0 3 3l6.5-6.5a4 4 0 0 0-6-6L4 10',
  file: 'M5 2.5h6l4 4v11H5zM11 2.5v4h4',
  bolt: 'M11 2.5 4 11.5h5L8.5 17.5l7-9h-5z',
  eye: 'M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5M10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  // Two overlapping diamonds, as Slack marks what companies share.
  shared: 'M7.5 5 12.5 10 7.5 15 2.5 10zM12.5 5 17.5 10 12.5 15 7.5 10z',
  tall: 'M5 12l5-5 5 5',
} as const;

export type IconName = keyof typeof PATHS;

/** An icon is decoration: the control around it carries the words. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Skein's mark: a thread wound so that it does not tangle. */
export function Logo({ size = 28 }: { readonly size?: number }) {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M8 11c4-5 12-5 16 0M8 16c4-5 12-5 16 0M8 21c4-5 12-5 16 0M8 11v10M24 11c2 5-2 9-8 14" />
    </svg>
  );
}
