import { memo, useState } from 'react';
import type { PageModelCall } from '../../protocol.ts';
import { useApp } from '../shell/app.ts';
import { count, duration, plural, preciseTime } from '../state/format.ts';

/** Every request to the model, newest first: what was sent, what came back, what was counted. */
export function ModelTab() {
  const { modelCalls, status } = useApp().world;
  if (modelCalls.length === 0) {
    return (
      <p className="empty">
        No requests yet. What Skein sends to the model, and what comes back, appears here.
      </p>
    );
  }
  return (
    <ul className="model-calls" aria-label="Requests, newest first">
      {modelCalls.toReversed().map((call, index) => (
        <ModelRequest
          key={call.id}
          call={call}
          scripted={status.answers === 'scripted'}
          openAtFirst={index === 0}
        />
      ))}
    </ul>
  );
}

const ModelRequest = memo(function ModelRequest({
  call,
  scripted,
  openAtFirst,
}: {
  readonly call: PageModelCall;
  readonly scripted: boolean;
  readonly openAtFirst: boolean;
}) {
  const [open, setOpen] = useState(openAtFirst);
  const running = call.tookMs === null;
  const failed = call.status >= 400;
  return (
    <li className="model-call" data-testid="model-call">
      <button type="button" className="model-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="call-time">{preciseTime(call.at)}</span>
        <span className="call-method">{call.model}</span>
        <span className={`result result-${failed ? 'bad' : running ? 'slow' : 'good'}`}>
          {running && !failed && <span className="spinner" aria-hidden="true" />}
          {failed
            ? `${call.status} failed`
            : running
              ? 'streaming'
              : (call.stopReason ?? 'no stop reason: cut')}
        </span>
        <span className="call-took">{call.tookMs === null ? '' : duration(call.tookMs)}</span>
        <span className="model-usage">{usageWords(call)}</span>
      </button>
      {open && (
        <div className="model-body">
          <div>
            <h3>
              Sent · {plural(call.turns.length, 'turn', 'turns')} · at most {count(call.maxTokens)} tokens
            </h3>
            {call.system !== '' && (
              <details>
                <summary>System prompt, {plural(call.system.length, 'character', 'characters')}</summary>
                <pre>{call.system}</pre>
              </details>
            )}
            {call.tools.length > 0 && (
              <details>
                <summary>{plural(call.tools.length, 'tool', 'tools')} offered</summary>
                <pre>{call.tools.join('\n')}</pre>
              </details>
            )}
            <ol className="turns">
              {call.turns.map((turn, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: turns have no name but their place
                <li key={index} className={`turn turn-${turn.role === 'assistant' ? 'assistant' : 'user'}`}>
                  <span className="turn-role">{turn.role}</span>
                  <pre>{turn.text}</pre>
                </li>
              ))}
            </ol>
          </div>
          <div>
            <h3>Received{scripted ? ' from the scripted stand-in' : ''}</h3>
            <pre className="model-output" data-testid="model-output">
              {call.outputText === '' ? (running ? '…' : 'Nothing.') : call.outputText}
            </pre>
          </div>
        </div>
      )}
    </li>
  );
});

function usageWords({ usage }: PageModelCall): string {
  if (usage === null) return '';
  const cached = usage.cacheRead > 0 ? ` · ${count(usage.cacheRead)} from cache` : '';
  const written = usage.cacheWrite > 0 ? ` · ${count(usage.cacheWrite)} to cache` : '';
  return `${count(usage.input)} in · ${count(usage.output)} out${cached}${written}`;
}
