import { usd } from '../state/format.ts';
import { useApp } from './app.ts';
import type { Theme } from './browser.ts';
import { Icon, Logo } from './icons.tsx';

const BOT_WORDS = { ready: 'Bot ready', starting: 'Bot starting', stopped: 'Bot stopped' } as const;

/** The playground's name, how the bot is, what it has cost, and the ways to the inspector and the other theme. */
export function TopBar({
  theme,
  onTheme,
  onMenu,
  menuOpen,
}: {
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
  readonly onMenu: () => void;
  readonly menuOpen: boolean;
}) {
  const { world, route, go } = useApp();
  const { status } = world;
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className="topbar">
      <button
        type="button"
        className="icon-button menu-button"
        aria-label="Channels"
        aria-expanded={menuOpen}
        data-testid="menu-button"
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      <Logo size={26} />
      <h1>
        Skein <span>playground</span>
      </h1>
      {status.teams.length > 1 && (
        <select
          className="team-select"
          aria-label="Workspace"
          data-testid="team-select"
          value={world.team.id}
          onChange={(event) => {
            // Another workspace is another page: nothing of this one is carried over.
            window.location.assign(`?team=${encodeURIComponent(event.target.value)}`);
          }}
        >
          {status.teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <button
        type="button"
        className="chip"
        title="Spent since this playground’s data began. Opens the job table."
        data-testid="status-chip"
        onClick={() => go({ inspector: 'jobs' })}
      >
        <span className={`lamp lamp-${status.bot}`} aria-hidden="true" />
        <span className="chip-words">{BOT_WORDS[status.bot]}</span>
        <span className="chip-cost">{usd(status.costUsd)}</span>
        {status.faults.length > 0 && (
          <span className="chip-fault">
            {status.faults.length} {status.faults.length === 1 ? 'fault' : 'faults'}
          </span>
        )}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Inspector"
        title="Inspector: Slack calls, model requests, tools, jobs, faults"
        aria-pressed={route.inspector !== null}
        data-testid="inspector-toggle"
        onClick={() => go({ inspector: route.inspector === null ? 'calls' : null })}
      >
        <Icon name="pulse" />
        <span className="button-words">Inspector</span>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Use the ${other} theme`}
        title={`Use the ${other} theme`}
        data-testid="theme-toggle"
        onClick={() => onTheme(other)}
      >
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </button>
    </header>
  );
}
