/** Writing, changing and deleting messages: the record and the event it causes, kept together. */
import type { Events } from './events.ts';
import type { Message } from './records.ts';
import type { Workspace } from './workspace.ts';

export type Draft = Pick<Message, 'channel' | 'user' | 'text'> &
  Partial<
    Pick<
      Message,
      | 'botId'
      | 'app'
      | 'threadTs'
      | 'subtype'
      | 'blocks'
      | 'attachments'
      | 'metadata'
      | 'files'
      | 'ephemeralFor'
      | 'clientMsgId'
      | 'streaming'
    >
  >;

export class Posts {
  readonly #workspace: Workspace;
  readonly #events: Events;

  constructor(workspace: Workspace, events: Events) {
    this.#workspace = workspace;
    this.#events = events;
  }

  post(draft: Draft): Message {
    return this.#workspace.together(() => {
      const message: Message = {
        ts: this.#workspace.nextTs(),
        threadTs: null,
        botId: null,
        app: null,
        subtype: null,
        blocks: [],
        attachments: [],
        metadata: null,
        edited: null,
        deleted: false,
        reactions: [],
        files: [],
        ephemeralFor: null,
        clientMsgId: null,
        streaming: null,
        revision: 0,
        ...draft,
      };
      this.#workspace.putMessage(message);
      this.#events.posted(message);
      return message;
    });
  }

  /** Replaces parts of a message and reports `message_changed`. */
  change(before: Message, parts: Partial<Omit<Message, 'channel' | 'ts'>>): Message {
    return this.#workspace.together(() => {
      const after = { ...before, ...parts, revision: before.revision + 1 };
      this.#workspace.putMessage(after);
      this.#events.changed(before, after);
      return after;
    });
  }

  /** Deletes a message; a root that has replies stays as a tombstone, as in Slack. */
  remove(message: Message): void {
    this.#workspace.together(() => {
      const root = message.threadTs === null || message.threadTs === message.ts;
      if (root && this.#workspace.replies(message.channel, message.ts).length > 0) {
        this.change(message, {
          subtype: 'tombstone',
          user: 'USLACKBOT',
          botId: null,
          app: null,
          text: 'This message was deleted.',
          blocks: [],
          files: [],
          attachments: [],
          metadata: null,
          edited: null,
          reactions: [],
        });
        return;
      }
      this.#workspace.putMessage({ ...message, deleted: true });
      this.#events.removed(message);
    });
  }

  /** Returns false if the person had already reacted so (or, removing, had not). */
  react(message: Message, user: string, name: string, add: boolean): boolean {
    const now = message.reactions.find((reaction) => reaction.name === name)?.users ?? [];
    if (now.includes(user) === add) return false;
    const users = add ? [...now, user] : now.filter((other) => other !== user);
    const reactions =
      now.length > 0
        ? message.reactions.map((reaction) => (reaction.name === name ? { name, users } : reaction))
        : [...message.reactions, { name, users }];
    this.#workspace.together(() => {
      const shown = reactions.filter((reaction) => reaction.users.length > 0);
      this.#workspace.putMessage({ ...message, reactions: shown });
      this.#events.reaction(add ? 'reaction_added' : 'reaction_removed', user, name, message);
    });
    return true;
  }
}
