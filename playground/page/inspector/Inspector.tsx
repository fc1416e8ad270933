import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useApp } from '../shell/app.ts';
import { Icon } from '../shell/icons.tsx';
import { count } from '../state/format.ts';
import { INSPECTOR_TABS, type InspectorTab } from '../state/route.ts';
import { CallsTab } from './CallsTab.tsx';
import { FaultsTab } from './FaultsTab.tsx';
import { JobsTab } from './JobsTab.tsx';
import { ModelTab } from './ModelTab.tsx';
import { ToolsTab } from './ToolsTab.tsx';

const TITLES: Readonly<Record<InspectorTab, string>> = {
  calls: 'Slack calls',
  model: 'Model',
  tools: 'Tools',
  jobs: 'Jobs',
  faults: 'Faults',
};

/** What happens behind the conversation: a drawer below it, on narrow screens over everything. */
export function Inspector({ tab }: { readonly tab: InspectorTab }) {
  const { world, go } = useApp();
  const [tall, setTall] = useState(false);
  const tabs = useRef<HTMLDivElement>(null);
  const numbers: Readonly<Record<InspectorTab, number>> = {
    calls: world.calls.length,
    model: world.modelCalls.length,
    tools: world.toolCalls.length,
    jobs: world.jobs.length,
    faults: world.status.faults.length,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = INSPECTOR_TABS.indexOf(tab);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = INSPECTOR_TABS.at((at + step) % INSPECTOR_TABS.length);
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    go({ inspector: next });
    tabs.current?.querySelector<HTMLElement>(`[data-testid="tab-${next}"]`)?.focus();
  };
  return (
    <section
      className={tall ? 'inspector inspector-tall' : 'inspector'}
      aria-label="Inspector"
      data-testid="inspector"
    >
      <header>
        <div role="tablist" aria-label="Inspector" ref={tabs} onKeyDown={onKeyDown} tabIndex={-1}>
          {INSPECTOR_TABS.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-controls="inspector-panel"
              aria-selected={name === tab}
              tabIndex={name === tab ? 0 : -1}
              data-testid={`tab-${name}`}
              onClick={() => go({ inspector: name })}
            >
              {TITLES[name]}
              {numbers[name] > 0 && <span className="tab-count">{count(numbers[name])}</span>}
            </button>
          ))}
        </div>
        <button
          type="button"
          className={tall ? 'icon-button inspector-size turned' : 'icon-button inspector-size'}
          aria-label={tall ? 'Make the inspector smaller' : 'Make the inspector larger'}
          aria-pressed={tall}
          onClick={() => setTall(!tall)}
        >
          <Icon name="tall" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Close the inspector"
          data-testid="inspector-close"
          onClick={() => go({ inspector: null })}
        >
          <Icon name="close" />
        </button>
      </header>
      <div
        role="tabpanel"
        id="inspector-panel"
        aria-labelledby={`tab-${tab}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard can't scroll here
        tabIndex={0}
        data-testid={`panel-${tab}`}
      >
        {panel(tab)}
      </div>
    </section>
  );
}

function panel(tab: InspectorTab): ReactNode {
  switch (tab) {
    case 'calls':
      return <CallsTab />;
    case 'model':
      return <ModelTab />;
    case 'tools':
      return <ToolsTab />;
    case 'jobs':
      return <JobsTab />;
    case 'faults':
      return <FaultsTab />;
  }
}
