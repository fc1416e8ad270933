/** What other apps do in the workspace: post by themselves or with a person's token, and put previews under links. */
import type { World } from './methods/method.ts';
import type { Message, OtherApp } from './records.ts';

export interface AppPost {
  readonly text?: string;
  readonly blocks?: readonly unknown[];
  /** Legacy attachments, whose details are often in `fields`. */
  readonly attachments?: readonly unknown[];
  readonly threadTs?: string;
}

/** An app of monitoring, as found in many workspaces. */
const ALERTS: OtherApp = { id: 'A0ALERTS', botId: 'B0ALERTS', name: 'Alerts' };

/** All methods throw an `Error` for places and messages that are not there. */
export class OtherApps {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** A message of another app: subtype `bot_message`, no `user` (as from webhooks and classic bots). */
  post(channel: string, what: AppPost, app: OtherApp = ALERTS): { readonly ts: string } {
    return this.#post(channel, what, { user: null, subtype: 'bot_message', app });
  }

  /** A person's own words that an app posted with the person's token: `bot_id` beside `user`, no subtype. */
  postAs(user: string, channel: string, what: AppPost, app: OtherApp = ALERTS): { readonly ts: string } {
    return this.#post(channel, what, { user, subtype: null, app });
  }

  /**
   * Slack's preview of a link, which arrives as an edit: the text stays, attachments come, nothing is marked as
   * edited. `withPrevious: false` leaves the message's earlier form out, as Slack does at times.
   */
  unfurl(channel: string, ts: string, attachments: readonly unknown[], withPrevious = true): void {
    const { workspace, events } = this.#world;
    const before = workspace.message(channel, ts);
    if (!before || before.deleted) throw new Error(`there is no message ${ts} in ${channel}`);
    workspace.together(() => {
      const after: Message = { ...before, attachments, revision: before.revision + 1 };
      workspace.putMessage(after);
      events.changed(withPrevious ? before : null, after);
    });
  }

  #post(
    channel: string,
    what: AppPost,
    author: Pick<Message, 'user' | 'subtype'> & { readonly app: OtherApp },
  ): { readonly ts: string } {
    const { workspace, posts } = this.#world;
    if (!workspace.channels.has(channel)) throw new Error(`there is no conversation ${channel}`);
    const { ts } = posts.post({
      channel,
      ...author,
      botId: author.app.botId,
      text: what.text ?? '',
      blocks: what.blocks ?? [],
      attachments: what.attachments ?? [],
      threadTs: what.threadTs ?? null,
    });
    return { ts };
  }
}
