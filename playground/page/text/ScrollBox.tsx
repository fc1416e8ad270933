import type { ReactNode, RefObject } from 'react';

/** A part that scrolls by itself, with the keyboard too. */
export function ScrollBox({
  label,
  className,
  box,
  testId,
  children,
}: {
  readonly label: string;
  readonly className: string;
  readonly box?: RefObject<HTMLElement | null>;
  readonly testId?: string;
  readonly children: ReactNode;
}) {
  return (
    <section
      ref={box}
      className={className}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard can't scroll here
      tabIndex={0}
      aria-label={label}
      data-testid={testId}
    >
      {children}
    </section>
  );
}
