import { memo, useMemo, useState } from 'react';
import type { PageMessage } from '../../protocol.ts';
import { type Controls, ControlsContext } from '../forms/controls.ts';
import { Avatar } from '../shell/Avatar.tsx';
import { useAct } from '../shell/app.ts';
import { ConfirmDialog } from '../shell/ConfirmDialog.tsx';
import { Icon } from '../shell/icons.tsx';
import { clockTime, fullTime, plural } from '../state/format.ts';
import { type ThreadSummary, tsToMs } from '../state/threads.ts';
import { isWriting } from '../state/writing.ts';
import { Blocks } from '../text/Blocks.tsx';
import { Boundary } from '../text/Boundary.tsx';
import { list } from '../text/fields.ts';
import { Mrkdwn } from '../text/Mrkdwn.tsx';
import { usePeople } from '../text/people.ts';
import { MessageFiles } from './Attachments.tsx';
import { EditBox } from './EditBox.tsx';
import { MessageTools } from './MessageTools.tsx';
import { Reactions } from './Reactions.tsx';

/** One message with all that belongs to it. Drawn again only when it changed. */
export const Message = memo(function Message({
  message,
  grouped,
  summary,
  threadOpen,
  onOpenThread,
}: {
  readonly message: PageMessage;
  /** Stands under the name of the message before it. */
  readonly grouped: boolean;
  readonly summary: ThreadSummary | null;
  readonly threadOpen: boolean;
  readonly onOpenThread: ((ts: string) => void) | null;
}) {
  const { users, me, foreignCompany } = usePeople();
  const act = useAct();
  const [mode, setMode] = useState<'shown' | 'editing' | 'deleting'>('shown');
  const { channel, ts, user } = message;
  const at = tsToMs(ts);
  const author = user === null ? undefined : users.get(user);
  const isApp = author?.isBot ?? message.botId !== null;
  const name = author?.displayName ?? (isApp ? 'Skein' : 'Someone');
  // As Slack does, the company is named for people who are not of the reader's own.
  const company = author !== undefined && !isApp ? foreignCompany(author) : null;
  const writing = isWriting(message);
  const controls: Controls = useMemo(
    () => ({
      press: (press) => act({ type: 'click', user: me, channel, ts, ...press }),
      suggest: async (query) => {
        const result = await act({ type: 'suggest', user: me, place: { channel, ts }, ...query });
        return result.ok ? list(result.options) : null;
      },
      form: null,
    }),
    [act, me, channel, ts],
  );

  const classes = [
    'message',
    grouped && 'message-grouped',
    message.ephemeralFor !== null && 'message-private',
  ];
  if (writing) classes.push('message-writing');
  if (threadOpen) classes.push('message-open');

  if (message.deleted) {
    return (
      <article className="message message-deleted" data-testid="message" data-ts={ts}>
        <div className="gutter">
          <Icon name="trash" size={16} />
        </div>
        <div>
          <p>This message was deleted.</p>
          {summary !== null && <ThreadLink summary={summary} onOpen={() => onOpenThread?.(ts)} />}
        </div>
      </article>
    );
  }

  return (
    <article
      className={classes.filter(Boolean).join(' ')}
      aria-label={`${name}, ${clockTime(at)}`}
      aria-busy={writing}
      data-testid="message"
      data-ts={ts}
      data-author={author?.handle ?? ''}
      data-writing={writing}
    >
      <div className="gutter">
        {grouped ? (
          <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
            {clockTime(at).replace(/\s?[AP]M$/i, '')}
          </time>
        ) : (
          <Avatar id={user ?? message.botId ?? ''} name={name} isBot={isApp} />
        )}
      </div>
      <div className="message-body">
        {message.ephemeralFor !== null && (
          <p className="private-note">
            <Icon name="eye" size={14} /> Only visible to you
          </p>
        )}
        {!grouped && (
          <header>
            <span className="author">{name}</span>
            {isApp && <span className="badge">APP</span>}
            {company !== null && <span className="company">{company}</span>}
            <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
              {clockTime(at)}
            </time>
          </header>
        )}
        {mode === 'editing' ? (
          <EditBox message={message} onDone={() => setMode('shown')} />
        ) : (
          <div
            className={message.edited ? 'content content-edited' : 'content'}
            data-testid="message-content"
          >
            {message.blocks.length > 0 ? (
              <Boundary of={message.blocks} fallback={<Mrkdwn text={message.text} />}>
                <ControlsContext value={controls}>
                  <Blocks blocks={message.blocks} />
                </ControlsContext>
              </Boundary>
            ) : (
              <Mrkdwn text={message.text} />
            )}
            {message.edited && <span className="edited"> (edited)</span>}
          </div>
        )}
        <MessageFiles files={message.files} />
        <Reactions message={message} />
        {summary !== null && onOpenThread !== null && (
          <ThreadLink summary={summary} onOpen={() => onOpenThread(ts)} />
        )}
      </div>
      {mode === 'shown' && message.ephemeralFor === null && (
        <MessageTools
          message={message}
          own={user === me}
          onReply={onOpenThread === null ? null : () => onOpenThread(message.threadTs ?? ts)}
          onEdit={() => setMode('editing')}
          onDelete={() => setMode('deleting')}
        />
      )}
      {mode === 'deleting' && (
        <ConfirmDialog
          title="Delete this message?"
          text="Skein forgets it too. Deleting a question whose answer is being written stops the answer."
          confirm="Delete"
          cancel="Cancel"
          danger={true}
          onConfirm={() => {
            setMode('shown');
            void act({ type: 'delete', user: me, channel, ts });
          }}
          onCancel={() => setMode('shown')}
        />
      )}
    </article>
  );
});

function ThreadLink({ summary, onOpen }: { readonly summary: ThreadSummary; readonly onOpen: () => void }) {
  const { users } = usePeople();
  return (
    <button type="button" className="thread-link" data-testid="thread-link" onClick={onOpen}>
      <span className="thread-faces">
        {summary.users.slice(-3).map((id) => {
          const user = users.get(id);
          return (
            <Avatar key={id} id={id} name={user?.displayName ?? ''} isBot={user?.isBot ?? true} size={20} />
          );
        })}
      </span>
      <span className="thread-count">{plural(summary.replies, 'reply', 'replies')}</span>
      <span className="thread-last">Last reply {clockTime(tsToMs(summary.lastTs))}</span>
    </button>
  );
}
