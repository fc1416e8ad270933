/** The state of the workspace: records, their indexes, ids and timestamps; every change goes through `put`. */
import type { Clock } from '../../src/clock.ts';
import type { Line, Log } from './persistence.ts';
import type { Change, Channel, Message, OwedEvent, Person, StoredFile, View } from './records.ts';
import type { Seed } from './seed.ts';

export const messageKey = (channel: string, ts: string): string => `${channel}:${ts}`;

/** `'1766458026.240809'` as whole microseconds: below 2^53 until the year 2255. */
function microsOf(ts: string): number {
  const [seconds, micros] = ts.split('.');
  return Number(seconds) * 1_000_000 + Number(micros ?? 0);
}

export function compareTs(a: string, b: string): number {
  return microsOf(a) - microsOf(b);
}

export class Workspace {
  readonly seed: Seed;
  readonly people = new Map<string, Person>();
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, StoredFile>();
  readonly views = new Map<string, View>();
  readonly owed = new Map<string, OwedEvent>();
  readonly #messages = new Map<string, Message>();
  readonly #byChannel = new Map<string, string[]>();
  readonly #byThread = new Map<string, string[]>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #clock: Clock;
  readonly #log: Log | undefined;
  #lastMicros = 0;
  #lastId = 0;
  #open: Change[] | undefined;

  /** Starts from `seed` and what `lines` tell of it since. Without a log nothing is kept on disk. */
  constructor(seed: Seed, clock: Clock, log?: Log, lines: readonly Line[] = []) {
    this.seed = seed;
    this.#clock = clock;
    this.#log = log;
    for (const line of lines) {
      for (const change of line.changes) this.#apply(change);
      this.#lastMicros = line.lastMicros;
      this.#lastId = line.lastId;
    }
    this.#plant();
    log?.replace(this.#everything());
  }

  get botUser(): string {
    return this.seed.app.user;
  }

  /** A message timestamp: unique and increasing in this workspace, also over restarts. */
  nextTs(): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Math.floor(this.#clock.now() * 1000));
    const seconds = Math.floor(this.#lastMicros / 1_000_000);
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, '0')}`;
  }

  /** An id with Slack's prefix, never used before, also over restarts. */
  nextId(prefix: string): string {
    this.#lastId += 1;
    return `${prefix}${this.seed.idMark}${this.#lastId.toString(36).toUpperCase().padStart(8, '0')}`;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  put(change: Change): void {
    this.#apply(change);
    if (this.#open) this.#open.push(change);
    else this.#flush([change]);
  }

  /** Changes made inside `work` reach the disk together or not at all. */
  together<T>(work: () => T): T {
    if (this.#open) return work();
    this.#open = [];
    try {
      return work();
    } finally {
      const changes = this.#open;
      this.#open = undefined;
      if (changes.length > 0) this.#flush(changes);
    }
  }

  message(channel: string, ts: string): Message | undefined {
    return this.#messages.get(messageKey(channel, ts));
  }

  putMessage(message: Message): void {
    this.put({ table: 'message', key: messageKey(message.channel, message.ts), value: message });
  }

  /** Whether the app is in some conversation with this person: it may know more of them then. */
  sharesChannel(user: string): boolean {
    return [...this.channels.values()].some(
      ({ members }) => members.includes(user) && members.includes(this.botUser),
    );
  }

  allMessages(): IterableIterator<Message> {
    return this.#messages.values();
  }

  /** Messages of a channel outside threads and roots of threads, oldest first, deleted ones left out. */
  channelMessages(channel: string): Message[] {
    return this.#present(channel, this.#byChannel.get(channel)).filter(
      (message) =>
        message.threadTs === null ||
        message.threadTs === message.ts ||
        message.subtype === 'thread_broadcast',
    );
  }

  /** Replies of a thread without its root, oldest first, deleted ones left out. */
  replies(channel: string, rootTs: string): Message[] {
    return this.#present(channel, this.#byThread.get(messageKey(channel, rootTs)));
  }

  /** Back to the seed, on disk too. Timestamps and ids go on rising. */
  reset(): void {
    for (const map of [this.people, this.channels, this.files, this.views, this.owed]) map.clear();
    this.#messages.clear();
    this.#byChannel.clear();
    this.#byThread.clear();
    this.#plant();
    this.#log?.replace(this.#everything());
  }

  #present(channel: string, stamps: readonly string[] = []): Message[] {
    const found: Message[] = [];
    for (const ts of stamps) {
      const message = this.message(channel, ts);
      if (message && !message.deleted && message.ephemeralFor === null) found.push(message);
    }
    return found;
  }

  /** What the seed has and an older workspace on disk does not have yet. */
  #plant(): void {
    const { people, channels } = this.seed;
    for (const value of people)
      if (!this.people.has(value.id)) this.#apply({ table: 'person', key: value.id, value });
    for (const value of channels)
      if (!this.channels.has(value.id)) this.#apply({ table: 'channel', key: value.id, value });
  }

  #everything(): Line {
    const changes: Change[] = [];
    for (const [key, value] of this.people) changes.push({ table: 'person', key, value });
    for (const [key, value] of this.channels) changes.push({ table: 'channel', key, value });
    for (const [key, value] of this.#messages) changes.push({ table: 'message', key, value });
    for (const [key, value] of this.files) changes.push({ table: 'file', key, value });
    for (const [key, value] of this.views) changes.push({ table: 'view', key, value });
    for (const [key, value] of this.owed) changes.push({ table: 'owed', key, value });
    return { changes, lastMicros: this.#lastMicros, lastId: this.#lastId };
  }

  #flush(changes: readonly Change[]): void {
    this.#log?.append({ changes, lastMicros: this.#lastMicros, lastId: this.#lastId });
    for (const change of changes) for (const listener of this.#listeners) listener(change);
  }

  #apply(change: Change): void {
    switch (change.table) {
      case 'person':
        replace(this.people, change.key, change.value);
        break;
      case 'channel':
        replace(this.channels, change.key, change.value);
        break;
      case 'file':
        replace(this.files, change.key, change.value);
        break;
      case 'view':
        replace(this.views, change.key, change.value);
        break;
      case 'owed':
        replace(this.owed, change.key, change.value);
        break;
      case 'message': {
        const message = change.value;
        if (message && !this.#messages.has(change.key)) this.#index(message);
        replace(this.#messages, change.key, message);
        break;
      }
    }
  }

  /** Timestamps only rise, so appending keeps each list in order. */
  #index(message: Message): void {
    listIn(this.#byChannel, message.channel).push(message.ts);
    if (message.threadTs !== null && message.threadTs !== message.ts) {
      listIn(this.#byThread, messageKey(message.channel, message.threadTs)).push(message.ts);
    }
  }
}

function replace<T>(map: Map<string, T>, key: string, value: T | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}

function listIn(map: Map<string, string[]>, key: string): string[] {
  const found = map.get(key);
  if (found) return found;
  const fresh: string[] = [];
  map.set(key, fresh);
  return fresh;
}
