import { useEffect, useState } from 'react';
import type { PageFault, PageStatus } from '../../protocol.ts';
import { useAct, useApp } from '../shell/app.ts';

const FAULTS: Readonly<Record<PageFault, { readonly title: string; readonly text: string }>> = {
  slack_429: {
    title: 'Slack says 429',
    text: 'Slack refuses calls and asks for a pause. Edits slow down; the end of the text always arrives.',
  },
  slack_down: {
    title: 'Slack is down',
    text: 'Slack’s Web API answers with errors. The reply waits and is put right when Slack is back.',
  },
  model_overloaded: {
    title: 'Model overloaded',
    text: 'The model turns requests away. Skein says so in the message and tries again.',
  },
  model_cut: {
    title: 'Stream cut',
    text: 'The model’s stream breaks in the middle. What was shown stays, and the reply goes on in the same message.',
  },
  database_away: {
    title: 'Database away',
    text: 'The bot loses its database. A reply that is being written goes on; a new question waits unacknowledged and is answered when it is back.',
  },
};

const FAULT_NAMES = [
  'slack_429',
  'slack_down',
  'model_overloaded',
  'model_cut',
  'database_away',
] as const satisfies readonly PageFault[];

const SLOWEST = 5;
const FASTEST = 300;

/** Switches for what goes wrong in the world, so that one can watch a reply survive it. */
export function FaultsTab() {
  const { status } = useApp().world;
  const act = useAct();
  return (
    <div className="faults">
      <ul>
        {FAULT_NAMES.map((fault) => {
          const on = status.faults.includes(fault);
          return (
            <li key={fault}>
              <button
                type="button"
                role="switch"
                className="switch"
                aria-checked={on}
                aria-labelledby={`fault-${fault}`}
                aria-describedby={`fault-${fault}-text`}
                data-testid={`fault-${fault}`}
                onClick={() => void act({ type: 'fault', fault, on: !on })}
              >
                <span aria-hidden="true" />
              </button>
              <div>
                <p id={`fault-${fault}`} className="fault-title">
                  {FAULTS[fault].title}{' '}
                  <span className={on ? 'result result-bad' : 'result'}>{on ? 'on' : 'off'}</span>
                </p>
                <p id={`fault-${fault}-text`}>{FAULTS[fault].text}</p>
              </div>
            </li>
          );
        })}
      </ul>
      <KillBot state={status.bot} />
      <Speed tokensPerSecond={status.speed} scripted={status.answers === 'scripted'} />
    </div>
  );
}

/** The strongest proof there is: the process dies in mid-sentence, and the sentence is finished. */
function KillBot({ state }: { readonly state: PageStatus['bot'] }) {
  const act = useAct();
  return (
    <div className="speed">
      <p className="fault-title">Kill the bot</p>
      <button
        type="button"
        className="button danger"
        disabled={state !== 'ready'}
        data-testid="kill-bot"
        onClick={() => void act({ type: 'kill_bot' })}
      >
        {state === 'ready' ? 'Kill the process (kill -9)' : 'It is being started again…'}
      </button>
      <p>
        Do it while an answer is being written: the same message goes on a few seconds later, no word lost.
      </p>
    </div>
  );
}

function Speed({
  tokensPerSecond,
  scripted,
}: {
  readonly tokensPerSecond: number;
  readonly scripted: boolean;
}) {
  const act = useAct();
  const [value, setValue] = useState(tokensPerSecond);
  useEffect(() => setValue(tokensPerSecond), [tokensPerSecond]);
  const send = () => {
    if (value !== tokensPerSecond) void act({ type: 'speed', tokensPerSecond: value });
  };
  return (
    <div className="speed">
      <label htmlFor="speed" className="fault-title">
        Speed of the stand-in: <output htmlFor="speed">{Math.round(value)} tokens a second</output>
      </label>
      <input
        id="speed"
        type="range"
        min={SLOWEST}
        max={FASTEST}
        step={5}
        value={value}
        disabled={!scripted}
        data-testid="speed"
        onChange={(event) => setValue(event.target.valueAsNumber)}
        onPointerUp={send}
        onKeyUp={send}
        onBlur={send}
      />
      <p>{scripted ? 'How fast the scripted model writes.' : 'Claude answers at its own speed.'}</p>
    </div>
  );
}
