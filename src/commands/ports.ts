import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Finding } from '../operations/finding.ts';
import type { EditingPorts } from '../people/editing.ts';
import type { Chart } from '../render/chart.ts';
import type { Button } from '../reply/ports.ts';
import type { Target } from '../settings/store.ts';
import type { Prefill } from '../views/tools/form.ts';
import type { ToolServers } from '../views/tools/ports.ts';

/** Where and by whom a command was typed, said or pressed. */
export interface Typed {
  readonly team: string;
  readonly channel: string;
  /** A direct message with us; null: a direct message of this person with us or with somebody else. */
  readonly direct: boolean | null;
  /** The thread it was said in, for a mention; null for a slash command. */
  readonly threadTs: string | null;
  readonly user: string;
  /** The person's own workspace, where Slack names it; it may differ from `team`. */
  readonly userTeam: string | null;
  /** Opens a form: good for 3 seconds and one use; null where there is none (a mention). */
  readonly triggerId: string | null;
  /** Absent: what is asked here is asked once, and not begun again by another process. */
  readonly once?: Once;
}

/** What an earlier try of the same command has begun to send. */
export interface Once {
  /** Slack's id of a file that may be there by now; null: none. */
  readonly begun: string | null;
  /** Notes such a file durably. */
  readonly note: (id: string) => Promise<void>;
}

/** What a command is about. */
export interface Asked extends Typed {
  /** A direct message with us, where a person's own settings hold. */
  readonly direct: boolean;
  /** It was typed in a direct message of other people, and `channel` is ours with this person instead. */
  readonly foreign: boolean;
}

/** What is said back. Markdown of ours; whatever a person wrote in it is code or escaped. */
export interface Answer {
  readonly markdown: string;
  /** Charts of which the Markdown has the tables (`chartLines` in `render/chart.ts`): drawn where Slack can. */
  readonly charts?: readonly Chart[];
  readonly buttons?: readonly Button[];
  /** To be shown to everybody, because it was asked for so and makes sense. */
  readonly public?: boolean;
  /** Nothing needs to be said: what was asked for shows itself. */
  readonly silent?: boolean;
}

/** Opens the settings form at a scope; false: it can't be opened (any more), so the answer is in words. */
type OpenSettings = (asked: Asked & { readonly triggerId: string }, target: Target) => Promise<boolean>;

/** A question that we post for somebody. */
export interface Question {
  readonly team: string;
  readonly channel: string;
  /** The thread it goes into; null: it begins one. */
  readonly threadTs: string | null;
  readonly user: string;
  /** The person's own workspace, where Slack names it; it may differ from `team`. */
  readonly userTeam: string | null;
  /** The channel is a direct message with us. */
  readonly direct: boolean;
  /** What is posted, in safe mrkdwn. */
  readonly shown: string;
  /** What is asked, as Slack words it. */
  readonly text: string;
  /** The same for each delivery of one press or command, so that it is asked once; null: there is no second. */
  readonly cause: string | null;
}

/** What came of it. */
export type Posted =
  /** It is there, or it is stored and will be; whatever goes wrong later is told to the person by itself. */
  | { readonly kind: 'done' }
  /** We are not in the channel, or may not write there. */
  | { readonly kind: 'not_there' }
  | { readonly kind: 'failed' };

/**
 * Posts the question for everybody there to see, and takes it as asked by that person. Resolves when it is stored, from
 * when on it is not lost, and rejects if it can't be; `posted` never rejects. `quiet`: nobody waits here to hear what came
 * of it, so that whatever goes wrong is told to the person by itself.
 */
export type Ask = (
  question: Question,
  how?: { readonly quiet?: boolean },
) => Promise<{ readonly posted: Promise<Posted> }>;

/** What is uploaded: `pieces`, one after the other, are its content. */
export interface SentFile {
  readonly name: string;
  readonly title: string;
  readonly pieces: readonly string[];
}

/**
 * Sends a file to the person's direct messages, once. `refused`: Slack did not take it; `unclear`: it does not say whether it
 * did.
 */
export type SendFile = (
  to: { readonly team: string; readonly user: string },
  file: SentFile,
  once: Once | null,
) => Promise<'done' | 'refused' | 'unclear'>;
/** What `tools` needs. */
export interface ToolCommands extends Pick<ToolServers, 'list' | 'linked' | 'link' | 'unlink'> {
  /** Opens the list, or the form for a new server; false: it can't be opened (any more). */
  readonly open: (asked: Asked & { readonly triggerId: string }, connect?: Prefill) => Promise<boolean>;
}

/** What commands need from the outside. None of it throws, `ask` aside. */
export interface CommandPorts extends EditingPorts {
  /** Readable names, as Slack has them; null if it does not tell. */
  readonly names: {
    user(team: string, id: string): Promise<string | null>;
    /** `here`: the channel for which the name is wanted. That of another one is told if it is public. */
    channel(team: string, id: string, here: string): Promise<string | null>;
  };
  /** The direct message between us and somebody (`conversations.open`); null: Slack does not say. */
  readonly direct: (team: string, user: string) => Promise<string | null>;
  readonly openSettings: OpenSettings;
  readonly ask: Ask;
  readonly sendFile: SendFile;
  /** Unlinks all accounts of a person at connected servers; absent: there are none. */
  readonly forgetAccounts?: (team: string, person: string) => Promise<unknown>;
  /** Opens the form for a workspace's own key; absent: such keys can't be stored. */
  readonly openKey?: (team: string, triggerId: string) => Promise<boolean>;
  /** Connected servers of tools. */
  readonly tools: ToolCommands;
  /** Looks at what must be right for a workspace, in the name of a person. */
  readonly examine: (team: string, person: string) => Promise<readonly Finding[]>;
  readonly clock: Clock;
  readonly log: Log;
}
