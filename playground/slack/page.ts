/** The parts of the page's protocol that Slack owns: people, channels, messages, calls and two faults. */
import type {
  PageAction,
  PageActionResult,
  PageCall,
  PageChannel,
  PageEvent,
  PageFault,
  PageFeatures,
  PageFile,
  PageHeld,
  PageMessage,
  PageSnapshot,
  PageUser,
  PageView,
} from '../protocol.ts';
import { companyOf, isForeign, teamOfPerson } from './companies.ts';
import type { Acknowledgement } from './deliveries.ts';
import type { Faults } from './faults.ts';
import { firstValues } from './forms.ts';
import type { Interactions } from './interactions.ts';
import type { Call, Journal } from './journal.ts';
import type { People } from './people.ts';
import type { Channel, Message, Person, StoredFile, View } from './records.ts';
import type { Seed } from './seed.ts';
import type { Workspace } from './workspace.ts';

export type SlackSnapshot = Pick<
  PageSnapshot,
  'team' | 'features' | 'bot' | 'users' | 'channels' | 'messages' | 'views' | 'calls'
>;

/** Of an app whose manifest is not known: nothing to pick from, and what comes is taken. */
export const noFeatures: PageFeatures = { commands: [], shortcuts: [], home: true };

const NO_ANSWER = 'The app did not answer in time.';

/** Calls that a page gets when it opens; the journal may hold many more. */
const callsInSnapshot = 200;

export interface PageParts {
  readonly workspace: Workspace;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly people: People;
  readonly interactions: Interactions;
  readonly features: PageFeatures;
}

export class Page {
  readonly #parts: PageParts;
  readonly #on = new Map<PageFault, () => void>();

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  snapshot(): SlackSnapshot {
    const { workspace, journal } = this.#parts;
    const bot = workspace.people.get(workspace.botUser);
    const { team } = workspace.seed;
    return {
      team: { id: team.id, name: team.name, domain: team.domain },
      features: this.#parts.features,
      bot: { user: workspace.botUser, handle: bot?.handle ?? 'bot' },
      users: [...workspace.people.values()].map((person) => pageUser(person, workspace.seed)),
      channels: [...workspace.channels.values()].map((channel) => pageChannel(channel, workspace.seed)),
      messages: [...workspace.allMessages()].map((message) => this.message(message)),
      views: [...workspace.views.values()].filter(({ open }) => open).map(pageView),
      calls: journal.calls().slice(-callsInSnapshot).map(pageCall),
    };
  }

  /** Reports every message, channel and call from now on. Returns a function that ends it. */
  subscribe(listener: (event: PageEvent) => void): () => void {
    const { workspace, journal } = this.#parts;
    const stopChanges = workspace.onChange((change) => {
      if (change.value === null) return;
      if (change.table === 'message') {
        listener({ type: 'message', message: this.message(change.value) });
        // A root shows that it has been answered.
        const root = change.value.revision === 0 ? this.#rootOf(change.value) : undefined;
        if (root) listener({ type: 'message', message: this.message(root) });
      }
      // A message shows that a file of it was deleted.
      if (change.table === 'file' && change.value.deleted)
        for (const message of workspace.allMessages())
          if (!message.deleted && message.files.includes(change.value.id))
            listener({ type: 'message', message: this.message(message) });
      if (change.table === 'view') listener({ type: 'view', view: pageView(change.value) });
      if (change.table === 'channel')
        listener({ type: 'channel', channel: pageChannel(change.value, workspace.seed) });
    });
    const stopCalls = journal.watch.listen((call) => listener({ type: 'call', call: pageCall(call) }));
    return () => {
      stopChanges();
      stopCalls();
    };
  }

  /** Faults of Slack that are switched on. */
  faults(): PageFault[] {
    return [...this.#on.keys()];
  }

  /** Carries out what Slack owns; `undefined` for actions that are someone else's (speed, model faults). */
  async act(action: PageAction): Promise<PageActionResult | undefined> {
    try {
      return await this.#act(action);
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** The bytes of a file; null: there is none, or it is deleted. */
  file(
    id: string,
  ): { readonly bytes: Uint8Array; readonly mimetype: string; readonly picture: boolean } | null {
    const file = this.#parts.workspace.files.get(id);
    if (!file || file.deleted || file.base64 === null) return null;
    const { mimetype, base64 } = file;
    return { bytes: Buffer.from(base64, 'base64'), mimetype, picture: isPicture(mimetype) };
  }

  message(message: Message): PageMessage {
    const { workspace } = this.#parts;
    const root = message.threadTs === null && workspace.replies(message.channel, message.ts).length > 0;
    return {
      channel: message.channel,
      ts: message.ts,
      threadTs: root ? message.ts : message.threadTs,
      user: message.user,
      botId: message.botId,
      subtype: message.subtype,
      text: message.text,
      blocks: message.blocks,
      edited: message.edited !== null,
      deleted: message.deleted || message.subtype === 'tombstone',
      reactions: message.reactions,
      files: message.files
        .map((id) => workspace.files.get(id))
        .filter((file) => file !== undefined)
        .map(pageFile),
      ephemeralFor: message.ephemeralFor,
      revision: message.revision,
    };
  }

  #rootOf(message: Message): Message | undefined {
    const { channel, threadTs, ts } = message;
    if (threadTs === null || threadTs === ts) return undefined;
    return this.#parts.workspace.message(channel, threadTs);
  }

  async #act(action: PageAction): Promise<PageActionResult | undefined> {
    const { people, interactions } = this.#parts;
    switch (action.type) {
      case 'say': {
        const command = /^(\/[a-z][\w-]*)(?:\s+([\s\S]*))?$/.exec(action.text);
        if (command?.[1] !== undefined) return this.#command(action, command[1], command[2] ?? '');
        const files = (action.files ?? []).map(({ name, mimetype, base64 }) => ({
          name,
          mimetype,
          content: Buffer.from(base64, 'base64'),
        }));
        if (action.text === '' && files.length === 0)
          return { ok: false, error: 'There is nothing to send.' };
        const options = { files, ...(action.threadTs === null ? {} : { threadTs: action.threadTs }) };
        const { ts } = people.say(action.user, action.channel, action.text, options);
        return { ok: true, channel: action.channel, ts };
      }
      case 'edit':
        people.edit(action.user, action.channel, action.ts, action.text);
        return { ok: true };
      case 'delete':
        people.remove(action.user, action.channel, action.ts);
        return { ok: true };
      case 'click': {
        const { channel, ts, ...press } = action;
        return answered(await interactions.click(action.user, { channel, ts, ...pressOf(press) }));
      }
      case 'click_view':
        return answered(
          await interactions.clickView(action.user, action.viewId, pressOf(action), action.values),
        );
      case 'submit_view': {
        const { errors } = await interactions.submitView(action.user, action.viewId, action.values);
        return { ok: true, errors };
      }
      case 'close_view':
        await interactions.closeView(action.user, action.viewId);
        return { ok: true };
      case 'suggest': {
        const { acked, options } = await interactions.suggest(action.user, action.place, action);
        return acked ? { ok: true, options } : { ok: false, error: NO_ANSWER };
      }
      case 'open_home':
        interactions.openHome(action.user, action.tab);
        return { ok: true };
      case 'shortcut': {
        const on = action.on ?? undefined;
        return answered(await interactions.shortcut(action.user, action.callbackId, on));
      }
      case 'react':
        people.react(action.user, action.channel, action.ts, action.name);
        return { ok: true };
      case 'open_dm':
        return { ok: true, channel: people.openDm(action.user, action.with) };
      case 'fault':
        return this.#switch(action.fault, action.on);
      case 'speed':
      case 'kill_bot':
        return undefined;
    }
  }

  async #command(
    said: { readonly user: string; readonly channel: string; readonly threadTs: string | null },
    name: string,
    text: string,
  ): Promise<PageActionResult> {
    const { workspace, interactions, features } = this.#parts;
    if (said.threadTs !== null) return { ok: false, error: 'Slack has no slash commands in threads.' };
    const known = features.commands.find(({ command }) => command === name);
    // Commands belong to a workspace's apps: people of others do not have ours.
    if ((known === undefined && features.commands.length > 0) || isForeign(workspace, said.user))
      return { ok: false, error: `${name} is not a valid command.` };
    const typed = known?.escapes ? withIds(text, workspace) : text;
    return answered(await interactions.slash(said.user, said.channel, name, typed));
  }

  #switch(fault: PageFault, on: boolean): PageActionResult | undefined {
    if (fault !== 'slack_429' && fault !== 'slack_down') return undefined;
    this.#on.get(fault)?.();
    this.#on.delete(fault);
    if (!on) return { ok: true };
    const rule =
      fault === 'slack_429'
        ? ({ method: 'chat.*', fault: { kind: 'rate_limited', retryAfterSeconds: 3 } } as const)
        : ({ method: '*', fault: { kind: 'status', status: 503 } } as const);
    this.#on.set(fault, this.#parts.faults.add({ ...rule, times: Number.POSITIVE_INFINITY }));
    return { ok: true };
  }
}

/** Kinds that browsers draw and that can hold no script. */
function isPicture(mimetype: string): boolean {
  return /^image\/(?:png|jpeg|gif|webp)$/.test(mimetype);
}

function pageFile({ id, name, mimetype, size, deleted, alt }: StoredFile): PageFile {
  const called = deleted ? 'This file was deleted.' : name;
  return { id, name: called, mimetype, size, picture: !deleted && isPicture(mimetype), alt };
}

function answered(answer: Acknowledgement): PageActionResult {
  return answer.acked ? { ok: true } : { ok: false, error: NO_ANSWER };
}

interface PressTraits {
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string;
  readonly held?: PageHeld;
}

function pressOf({ actionId, blockId, value, held }: PressTraits): PressTraits {
  return { actionId, blockId, value, ...(held === undefined ? {} : { held }) };
}

/** The text of a command whose app asked for ids: `@ben` as `<@U0BEN|ben>`, `#general` as `<#C0GENERAL|general>`. */
function withIds(text: string, { people, channels }: Workspace): string {
  return text.replace(/(?<![\w<&])([@#])([\w.-]*\w)/g, (typed, sign: string, name: string) => {
    if (sign === '@') {
      const found = [...people.values()].find(({ handle }) => handle.toLowerCase() === name.toLowerCase());
      return found ? `<@${found.id}|${found.handle}>` : typed;
    }
    const found = [...channels.values()].find((one) => one.kind !== 'im' && one.name === name);
    return found ? `<#${found.id}|${found.kind === 'public' ? found.name : ''}>` : typed;
  });
}

function pageView(view: View): PageView {
  const { id, user, kind, open, previousId, hash } = view;
  // What the app keeps for itself in a view is not for the person in front of it.
  const { private_metadata: _, ...content } = view.content;
  return { id, user, kind, open, previousId, hash, content, values: firstValues(view.content) };
}

function pageUser(person: Person, seed: Seed): PageUser {
  const { id, handle, displayName, isBot, isAdmin, isGuest } = person;
  const team = teamOfPerson(person, seed);
  const company = team === seed.team.id ? null : companyOf(seed, team).name;
  return { id, handle, displayName, isBot, isAdmin, isGuest, company };
}

function pageChannel({ id, name, kind, topic, members, shared }: Channel, seed: Seed): PageChannel {
  const nameOf = (team: string) => companyOf(seed, team).name;
  return {
    id,
    name,
    kind,
    topic,
    members,
    shared: shared ? { host: nameOf(shared.host), companies: shared.teams.map(nameOf) } : null,
  };
}

function pageCall(call: Call): PageCall {
  const { id, wallAt: at, method, args, status, ok, error, tookMs, tier } = call;
  return { id, at, method, args, status, ok, error, tookMs, tier };
}
