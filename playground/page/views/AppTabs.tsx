import type { KeyboardEvent } from 'react';

export type AppTab = 'home' | 'messages';

const TABS: readonly (readonly [AppTab, string])[] = [
  ['home', 'Home'],
  ['messages', 'Messages'],
];

/** The two sides of the app's page: what it shows by itself, and the conversation with it. */
export function AppTabs({ tab, onTab }: { readonly tab: AppTab; readonly onTab: (tab: AppTab) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    const other = tab === 'home' ? 'messages' : 'home';
    onTab(other);
    event.currentTarget.querySelector<HTMLElement>(`[data-testid="tab-${other}"]`)?.focus();
  };
  return (
    <div className="app-tabs" role="tablist" aria-label="Skein" onKeyDown={onKeyDown}>
      {TABS.map(([name, label]) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === tab}
          tabIndex={name === tab ? 0 : -1}
          data-testid={`tab-${name}`}
          onClick={() => onTab(name)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
