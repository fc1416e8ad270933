import { memo, useState } from 'react';
import type { PageCall } from '../../protocol.ts';
import { useApp } from '../shell/app.ts';
import { duration, plural, preciseTime } from '../state/format.ts';
import { latestTiers } from './tiers.ts';

/** More rows than anyone reads, few enough to draw at every call. */
const MOST_ROWS = 200;

/** Every call that the bot made to Slack, newest first, and how much of each rate limit is used. */
export function CallsTab() {
  const { calls } = useApp().world;
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = calls
    .filter((call) => wanted === '' || `${call.method} ${outcome(call).words}`.toLowerCase().includes(wanted))
    .slice(-MOST_ROWS)
    .reverse();
  if (calls.length === 0) {
    return (
      <p className="empty">No calls yet. Ask Skein something and watch its calls to Slack appear here.</p>
    );
  }
  return (
    <>
      <div className="tiers">
        {latestTiers(calls).map(({ method, used, limit }) => (
          <Tier key={method} name={method} used={used} limit={limit} />
        ))}
        <input
          type="search"
          className="filter"
          aria-label="Filter calls by method or result"
          placeholder="Filter, e.g. chat.update or 429"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      </div>
      <ul className="calls" aria-label="Calls, newest first">
        {shown.map((call) => (
          <CallRow key={call.id} call={call} />
        ))}
      </ul>
      {shown.length === 0 && <p className="empty">No call matches “{filter}”.</p>}
      {calls.length > MOST_ROWS && wanted === '' && (
        <p className="empty">The newest {plural(MOST_ROWS, 'call', 'calls')} are shown.</p>
      )}
    </>
  );
}

function outcome(call: PageCall): { readonly tone: 'good' | 'slow' | 'bad'; readonly words: string } {
  if (call.status === 429 || call.error === 'ratelimited') return { tone: 'slow', words: '429 rate limited' };
  if (call.ok) return { tone: 'good', words: 'ok' };
  if (call.status >= 500 || call.status === 0)
    return { tone: 'bad', words: `${call.status} ${call.error ?? 'failed'}` };
  return { tone: 'bad', words: call.error ?? `${call.status} failed` };
}

const CallRow = memo(function CallRow({ call }: { readonly call: PageCall }) {
  const [open, setOpen] = useState(false);
  const { tone, words } = outcome(call);
  return (
    <li className="call" data-testid="call" data-method={call.method}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="call-time">{preciseTime(call.at)}</span>
        <span className="call-method">{call.method}</span>
        <span className={`result result-${tone}`}>{words}</span>
        <span className="call-took">{duration(call.tookMs)}</span>
        <span className="call-gist">{gist(call.args)}</span>
        {call.tier === null ? <span /> : <Tier name="" used={call.tier.used} limit={call.tier.limit} />}
      </button>
      {open && <pre className="json">{JSON.stringify(call.args, null, 2)}</pre>}
    </li>
  );
});

/** The words of a call, for the one line that it has. */
function gist(args: PageCall['args']): string {
  const text = args['text'] ?? args['markdown_text'] ?? args['status'] ?? args['name'] ?? '';
  return typeof text === 'string' ? text.replace(/\s+/g, ' ').slice(-160) : '';
}

/** How much of a rate limit is used, as a bar and as figures. */
function Tier({
  name,
  used,
  limit,
}: {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}) {
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  const tone = share >= 0.9 ? 'bad' : share >= 0.6 ? 'slow' : 'good';
  return (
    <span className="tier" title={`${used} of ${limit} calls used in the running window`}>
      {name !== '' && <span className="tier-name">{name}</span>}
      <span className="tier-bar" aria-hidden="true">
        <span className={`tier-fill tier-${tone}`} style={{ width: `${share * 100}%` }} />
      </span>
      <span className="tier-figures">
        {used}/{limit}
      </span>
    </span>
  );
}
