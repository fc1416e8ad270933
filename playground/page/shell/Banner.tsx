import { useState } from 'react';
import type { PageStatus } from '../../protocol.ts';
import type { LineState } from '../state/connection.ts';
import { keep } from './browser.ts';
import { Icon } from './icons.tsx';

/** What one must know before believing what is on the page: the line, the bot, who answers. One at a time, worst first. */
export function Banner({
  line,
  status,
  team,
}: {
  readonly line: LineState;
  readonly status: PageStatus;
  /** Id of the workspace that is shown. */
  readonly team: string;
}) {
  const [known, setKnown] = useState(() => keep.read('banner'));
  if (line !== 'live') {
    return (
      <div className="banner banner-warn" role="status" data-testid="banner">
        <span className="spinner" aria-hidden="true" />
        Reconnecting to the playground… What you see may be out of date.
      </div>
    );
  }
  if (status.bot === 'stopped') {
    return (
      <div className="banner banner-warn" role="status" data-testid="banner">
        The bot is stopped. Questions wait and are answered when it is back.
      </div>
    );
  }
  const here = status.teams.find(({ id }) => id === team);
  if (here !== undefined && !here.installed) {
    return (
      <div className="banner banner-warn" role="status" data-testid="banner">
        <span>
          Skein is not in {here.name} yet.{' '}
          <a href={here.installUrl} target="_blank" rel="noreferrer" data-testid="install-link">
            Add it to this workspace
          </a>
          , as an admin would.
        </span>
      </div>
    );
  }
  if (known === status.answers) return null;
  return (
    <div className="banner" role="note" data-testid="banner">
      {status.answers === 'scripted' ? (
        <span>
          <strong>A scripted stand-in answers, not Claude.</strong> Everything here is local: fake workspace,
          fake tokens, no bill. Start with <code>ANTHROPIC_API_KEY</code> set to talk to Claude.
        </span>
      ) : (
        <span>
          <strong>Claude answers.</strong> The workspace and its tokens are fake and local; the model’s tokens
          are real and billed to your key.
        </span>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label="Hide this note"
        onClick={() => {
          keep.write('banner', status.answers);
          setKnown(status.answers);
        }}
      >
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}
