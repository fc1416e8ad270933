import type { ToolAccount } from '../../tools/connected.ts';
import type { LeftOutWhy, ServerProblem } from '../../words/tool-servers.ts';

type ToolPeople = 'everyone' | 'members' | 'admins';
/** What happens with tools that change something. */
type ToolChanges = 'ask' | 'off';

/** A tool as people are told of it. What the server says of it is hostile. */
export interface ServerTool {
  /** The name by which the server knows it. */
  readonly tool: string;
  readonly title: string;
  readonly description: string;
  /** It changes nothing. */
  readonly reads: boolean;
}

/** A connected server, without its secrets. */
export interface ToolServer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly account: ToolAccount;
  readonly people: ToolPeople;
  readonly changes: ToolChanges;
  /** The list that was accepted. */
  readonly tools: readonly ServerTool[];
  readonly pinnedAt: Date | null;
  /** The server lists something else now. */
  readonly changed: boolean;
  readonly connectedBy: string;
  readonly connectedAt: Date;
}

/** What an admin wants of a server. */
export interface WantedServer {
  readonly name: string;
  readonly url: string;
  readonly account: ToolAccount;
  readonly people: ToolPeople;
  readonly changes: ToolChanges;
  /** Token of the workspace's account; '': none, or the one that is stored stays. */
  readonly token: string;
  /** A client that was registered there by hand, for accounts of people; null: we register ourselves. */
  readonly client: { readonly id: string; readonly secret: string | null } | null;
}

/** What may be changed of a server that is there; another address or account is another server. */
export type ServerChange = Pick<WantedServer, 'people' | 'changes' | 'token'>;

/** What a server lists now against the list that was accepted: names of tools. */
interface ListDifference {
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly changed: readonly string[];
}

/** What a server lists now. */
export interface Looked {
  readonly tools: readonly ServerTool[];
  readonly difference: ListDifference;
  /** Stands for exactly this list. */
  readonly seen: string;
  readonly leftOut: LeftOut;
}

/** Tools that can't be offered, and why. */
export type LeftOut = readonly { readonly name: string; readonly why: LeftOutWhy }[];

/** What came of something, or why nothing did. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: ServerProblem };

/** Who does something, in the installation `team`. */
export interface By {
  readonly team: string;
  readonly person: string;
}

/** Servers of tools, as whoever stores and calls them offers them. Only a database that is away makes any of it reject. */
export interface ToolServers {
  /** All of a workspace, by name. */
  list(team: string): Promise<readonly ToolServer[]>;
  /** Ids of the servers at which this person has linked an account. */
  linked(by: By): Promise<ReadonlySet<string>>;
  /** Looks at the address, reads the list of tools where that can be read already, and stores it. */
  connect(
    wanted: WantedServer,
    by: By,
  ): Promise<Outcome<{ readonly server: ToolServer; readonly leftOut: LeftOut }>>;
  change(id: string, wanted: ServerChange, by: By): Promise<Outcome<ToolServer>>;
  /** Asks the server for its tools: how many it has, and what is different from the accepted list. */
  look(id: string, by: By): Promise<Outcome<Looked>>;
  /** The list that was `seen` counts from now on. */
  accept(id: string, seen: string, by: By): Promise<Outcome<ToolServer>>;
  /** With its secrets and accounts. */
  remove(id: string, by: By): Promise<void>;
  /** An address for the person's browser that begins linking. */
  link(id: string, by: By): Promise<Outcome<string>>;
  unlink(id: string, by: By): Promise<void>;
}
