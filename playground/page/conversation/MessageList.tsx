import type { ReactNode } from 'react';
import type { PageMessage } from '../../protocol.ts';
import { Icon } from '../shell/icons.tsx';
import { dayName } from '../state/format.ts';
import { type ThreadSummary, toRows } from '../state/threads.ts';
import { ScrollBox } from '../text/ScrollBox.tsx';
import { Message } from './Message.tsx';
import { useStickyScroll } from './useStickyScroll.ts';

const NO_SUMMARIES: ReadonlyMap<string, ThreadSummary> = new Map();

/** A scrolling list of messages that stays at its end while the last one grows. */
export function MessageList({
  place,
  label,
  head,
  root,
  messages,
  summaries = NO_SUMMARIES,
  openThread,
  onOpenThread,
}: {
  /** Names the list; another place starts at its own end. */
  readonly place: string;
  readonly label: string;
  /** Drawn above the first message. */
  readonly head?: ReactNode;
  /** The first message of a thread, set apart from its replies. */
  readonly root?: ReactNode;
  readonly messages: readonly PageMessage[];
  readonly summaries?: ReadonlyMap<string, ThreadSummary>;
  readonly openThread: string | null;
  /** `null` inside a thread: there is no thread in a thread. */
  readonly onOpenThread: ((ts: string) => void) | null;
}) {
  const last = messages.at(-1);
  const { scroller, content, behind, toEnd } = useStickyScroll(
    place,
    last === undefined ? '' : `${last.ts} ${last.revision}`,
  );
  return (
    <div className="list-frame">
      <ScrollBox className="list" box={scroller} label={label} testId="messages">
        <div className="list-content" ref={content}>
          {head}
          {root}
          <ol>
            {toRows(messages).map((row) =>
              row.kind === 'day' ? (
                root === undefined && (
                  <li key={row.key} className="day">
                    <span>{dayName(row.at, Date.now())}</span>
                  </li>
                )
              ) : (
                <li key={row.key}>
                  <Message
                    message={row.message}
                    grouped={row.grouped}
                    summary={summaries.get(row.message.ts) ?? null}
                    threadOpen={openThread === row.message.ts}
                    onOpenThread={onOpenThread}
                  />
                </li>
              ),
            )}
          </ol>
        </div>
      </ScrollBox>
      {behind && (
        <button type="button" className="new-chip" data-testid="new-messages" onClick={toEnd}>
          New messages <Icon name="down" size={14} />
        </button>
      )}
    </div>
  );
}
