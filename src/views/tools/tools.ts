import { type Clock, LATE, within } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Gesture, SeenView } from '../../incoming.ts';
import type { Log } from '../../log.ts';
import type { EditingPorts } from '../../people/editing.ts';
import { refusalOf } from '../../people/may.ts';
import type { Person } from '../../people/person.ts';
import { resolve } from '../../settings/resolve.ts';
import { readSettings } from '../../settings/store.ts';
import * as words from '../../words/connected-servers.ts';
import { CANNOT_CHECK, wordsOf } from '../../words/people.ts';
import { LEFT_OUT, SERVER_PROBLEMS } from '../../words/tool-servers.ts';
import { escapeMrkdwn, type Modal } from '../blocks.ts';
import type { GestureAnswer, Opened, Windows } from '../ports.ts';
import { fieldOf, type Prefill, readForm, serverForm, TOOL_FIELDS } from './form.ts';
import {
  hostOf,
  linkView,
  listView,
  serverView,
  TOOL_ACTIONS,
  TOOLS_MODAL,
  type ToolsFacts,
  wordsView,
} from './list.ts';
import type { By, LeftOut, Outcome, ServerChange, ToolServer, ToolServers } from './ports.ts';
import { readToolsState, type ToolsState } from './state.ts';
import { switchServer, takeOut } from './where.ts';

interface ToolsViewOptions extends EditingPorts {
  readonly tools: ToolServers;
  readonly windows: Windows;
  readonly clock: Clock;
  readonly log: Log;
  /** Something was changed: what else shows it is drawn again. Never rejects. */
  readonly onDone: (team: string, user: string) => void;
}

/** Where and by whom the modal is opened. */
interface OpenTools {
  readonly team: string;
  readonly user: string;
  /** Null: where there is no channel of its own. */
  readonly channel: string | null;
  readonly triggerId: string;
}

export interface ToolsView {
  /** Opens the list, or the form for a new server. Never rejects. */
  open(where: OpenTools, connect?: Prefill): Promise<Opened['kind']>;
  /** A gesture in the modal; null: it is somebody else's. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer> | null;
}

/** Slack waits for three seconds for what a form says, on both ways together. */
const LIMIT_MS = 2000;
/** So long after a form was answered with "Connecting…", Slack shows that, and it can be changed. */
const SHOWN_MS = 700;
/** Rights to look may be so old; a deed asks Slack anew. */
const LOOK_AGE_MS = 60_000;

const NOBODY = '';

/** The modal of connected servers: looked at by everybody, changed by admins. All it has to know is in the modal itself. */
export function createToolsView(options: ToolsViewOptions): ToolsView {
  const { tools, windows, people, clock, log } = options;

  return {
    async open({ team, user, channel, triggerId }, connect) {
      const state = { channel, server: null };
      // At once: a trigger works for three seconds, and the database or Slack may take longer.
      const opened = await windows.open(team, triggerId, wordsView(words.ONE_MOMENT_TOOLS, state));
      if (opened.kind !== 'done') return opened.kind;
      await show(team, opened.viewId, state, async () => {
        const person = await personOf(team, user, LOOK_AGE_MS);
        if (connect === undefined) return listView(await factsOf(person, state));
        demandAdmin(person);
        return serverForm(state, connect, null, null);
      });
      return 'done';
    },
    gesture(gesture) {
      if (gesture.view.callbackId !== TOOLS_MODAL) return null;
      return gesture.kind === 'submitted'
        ? submitted(gesture)
        : gesture.kind === 'pressed'
          ? pressed(gesture)
          : Promise.resolve({ kind: 'none' });
    },
  };

  /** Draws and shows; whatever goes wrong is a modal in words. Never rejects. */
  async function show(
    team: string,
    viewId: string,
    state: ToolsState,
    draw: () => Promise<Modal | null>,
  ): Promise<void> {
    const view = await draw().catch((thrown) => {
      if (thrown instanceof NotAllowed) return wordsView(thrown.message, state);
      log.warn({ err: toError(thrown) }, 'the modal of connected servers could not be drawn');
      return wordsView(words.TOOLS_AWAY, state);
    });
    if (view !== null) await windows.update(team, viewId, view);
  }

  async function personOf(team: string, user: string, maxAgeMs: number): Promise<Person> {
    const person = await people.of(team, user, maxAgeMs);
    if (person === 'unreachable') throw new NotAllowed(CANNOT_CHECK);
    // Whoever is not of this workspace sees nothing of what it connected.
    const refusal = refusalOf(person, { kind: 'change_own' });
    if (refusal !== null) throw new NotAllowed(wordsOf(refusal));
    return person;
  }

  async function factsOf(
    person: Person,
    state: ToolsState,
    notice: string | null = null,
  ): Promise<ToolsFacts> {
    const { team, id } = person;
    const { database, defaults } = options;
    const by: By = { team, person: id };
    const [servers, linked, set] = await Promise.all([
      tools.list(team),
      tools.linked(by),
      readSettings(database.query, { team, channel: state.channel ?? NOBODY, person: null }),
    ]);
    const ours = set.filter(({ scope }) => scope === 'workspace');
    const namesIn = (some: typeof set) => resolve(defaults, some, { direct: false }).tools.value;
    const admin = refusalOf(person, { kind: 'manage_workspace' }) === null;
    return { state, servers, here: namesIn(set), everywhere: namesIn(ours), admin, linked, notice };
  }

  /** Presses are acknowledged by themselves; what they lead to is shown when it is there. */
  async function pressed(gesture: Gesture & { kind: 'pressed' }): Promise<GestureAnswer> {
    const { team, user, view, actionId, value } = gesture;
    const state = readToolsState(view.metadata);
    if (state === null) await windows.update(team, view.id, stale());
    else await show(team, view.id, state, () => carryOut({ team, user, view, state, actionId, value }));
    return { kind: 'none' };
  }

  async function carryOut(press: Press): Promise<Modal | null> {
    const { team, user, state, actionId } = press;
    const { list, details, connect, link, linked, go } = TOOL_ACTIONS;
    // The browser opens by itself.
    if (actionId === go) return null;
    const looks = [list, details, linked].some((prefix) => actionId.startsWith(prefix));
    const person = await personOf(team, user, looks ? LOOK_AGE_MS : 0);
    if (actionId === list) return listView(await factsOf(person, { ...state, server: null }));
    if (actionId === connect) {
      demandAdmin(person);
      return serverForm({ ...state, server: null }, {}, null, null);
    }
    const id =
      [details, link, linked].find((prefix) => actionId.startsWith(prefix)) === undefined
        ? state.server
        : actionId.replace(/^tools_[a-z]+_/, '');
    const facts = await factsOf(person, { ...state, server: id });
    const server = facts.servers.find((one) => one.id === id);
    if (server === undefined)
      return listView({ ...facts, state: { ...state, server: null }, notice: SERVER_PROBLEMS.gone });
    if (actionId.startsWith(details)) return serverView(facts, server);
    return deed(press, person, { ...facts, state: { ...state, server: server.id } }, server);
  }

  async function deed(
    press: Press,
    person: Person,
    facts: ToolsFacts,
    server: ToolServer,
  ): Promise<Modal | null> {
    const { team, user, view, actionId, value } = press;
    const { link, linked, unlink, change, test, accept, here, everywhere, remove } = TOOL_ACTIONS;
    const by: By = { team, person: user };
    const again = async (notice: string) => {
      const now = await factsOf(person, facts.state, notice);
      const same = now.servers.find(({ id }) => id === server.id);
      options.onDone(team, user);
      return same === undefined
        ? listView({ ...now, state: { ...facts.state, server: null } })
        : serverView(now, same);
    };
    const trouble = ({ why }: Outcome<unknown> & { ok: false }) =>
      serverView({ ...facts, notice: SERVER_PROBLEMS[why] }, server);

    if (actionId.startsWith(linked)) {
      if (!facts.linked.has(server.id))
        return serverView({ ...facts, notice: words.toolsDone.notLinkedYet(server.name) }, server);
      return again(words.toolsList.account.linked);
    }
    if (actionId.startsWith(link)) {
      await windows.update(
        team,
        view.id,
        wordsView(words.CONNECTING(escapeMrkdwn(hostOf(server.url))), facts.state),
      );
      const made = await tools.link(server.id, by);
      return made.ok ? linkView(facts, server, made.value) : trouble(made);
    }
    if (actionId === unlink) {
      await tools.unlink(server.id, by);
      return again(words.toolsDone.unlinked(server.name));
    }
    demandAdmin(person);
    switch (actionId) {
      case change:
        return serverForm(facts.state, {}, server, null);
      case test: {
        await windows.update(
          team,
          view.id,
          wordsView(words.CONNECTING(escapeMrkdwn(hostOf(server.url))), facts.state),
        );
        const seen = await tools.look(server.id, by);
        if (!seen.ok) return trouble(seen);
        const { tools: listed, difference } = seen.value;
        const now = await factsOf(person, facts.state);
        const same = now.servers.find(({ id }) => id === server.id) ?? server;
        const differs = Object.values(difference).some((names) => names.length > 0);
        const notice = [words.toolsDone.tested(listed.length), ...leftOutLines(seen.value.leftOut)].join(
          '\n',
        );
        return serverView(
          { ...now, notice: differs ? notice : `${notice}\n${words.toolsDone.same}` },
          same,
          differs ? seen.value : null,
        );
      }
      case accept: {
        await windows.update(
          team,
          view.id,
          wordsView(words.CONNECTING(escapeMrkdwn(hostOf(server.url))), facts.state),
        );
        const done = await tools.accept(server.id, value ?? '', by);
        return done.ok ? again(words.toolsDone.accepted) : trouble(done);
      }
      case here:
      case everywhere: {
        const at = actionId === here ? facts.state.channel : null;
        if (actionId === here && at === null) return serverView(facts, server);
        const on = value === 'on';
        const problem = await switchServer(options, person, at, { name: server.name, on });
        return again(problem ?? (on ? words.toolsDone.on : words.toolsDone.off));
      }
      case remove:
        await tools.remove(server.id, by);
        await takeOut(options, person, server.name);
        return again(words.toolsDone.removed(server.name));
      default:
        return serverView(facts, server);
    }
  }

  async function submitted({ team, user, view }: Gesture & { kind: 'submitted' }): Promise<GestureAnswer> {
    const state = readToolsState(view.metadata);
    if (state === null) return { kind: 'update', view: stale() };
    const work = submit(team, user, view, state).catch((thrown): Submitted => {
      if (!(thrown instanceof NotAllowed))
        log.warn({ team, err: toError(thrown) }, 'a server of tools could not be connected');
      const said = thrown instanceof NotAllowed ? thrown.message : words.toolTrouble.failed;
      return {
        errors: { [state.server === null ? TOOL_FIELDS.url : TOOL_FIELDS.people]: said },
        view: wordsView(said, state),
      };
    });
    const done = await within(clock, LIMIT_MS, work);
    if (done !== LATE)
      return 'errors' in done ? { kind: 'errors', errors: done.errors } : { kind: 'update', view: done.view };
    // Slack waits no longer, and the server may need a while: it goes on in front of the person.
    void work.then(async (late) => {
      await clock.sleep(SHOWN_MS);
      await windows.update(team, view.id, late.view);
    });
    const host = escapeMrkdwn(hostOf((view.values.get(TOOL_FIELDS.url) ?? '').trim()));
    const line = host === '' ? words.ONE_MOMENT_TOOLS : words.CONNECTING(host);
    return { kind: 'update', view: wordsView(line, state) };
  }

  async function changed(id: string, wanted: ServerChange, by: By) {
    const made = await tools.change(id, wanted, by);
    return made.ok ? { ok: true as const, value: { server: made.value, leftOut: [] } } : made;
  }

  async function submit(team: string, user: string, view: SeenView, state: ToolsState): Promise<Submitted> {
    // The form was in somebody's hands: rights are asked now.
    const person = await personOf(team, user, 0);
    demandAdmin(person);
    const by: By = { team, person: user };
    const known = await tools.list(team);
    const server = known.find(({ id }) => id === state.server) ?? null;
    if (state.server !== null && server === null) return { view: wordsView(SERVER_PROBLEMS.gone, state) };
    const read = readForm(view.values, server);
    if ('errors' in read) return { errors: read.errors, view: serverForm(state, {}, server, null) };
    const { wanted } = read;
    const made = server === null ? await tools.connect(wanted, by) : await changed(server.id, wanted, by);
    if (!made.ok) {
      const { why } = made;
      const notice = [SERVER_PROBLEMS[why], ...(wanted.token === '' ? [] : [words.toolsDone.typeAgain])].join(
        '\n',
      );
      return {
        errors: { [fieldOf(why, server)]: SERVER_PROBLEMS[why] },
        view: serverForm(state, wanted, server, notice),
      };
    }
    const { id, name, account, tools: found } = made.value.server;
    const notices =
      server !== null
        ? [words.toolsDone.changed(name)]
        : account === 'person' && found.length === 0
          ? [words.toolsDone.connectedUnlinked(name)]
          : [words.toolsDone.connected(name), ...leftOutLines(made.value.leftOut)];
    if (server === null && wanted.where !== 'nowhere') {
      const at = wanted.where === 'channel' ? state.channel : null;
      const problem = await switchServer(options, person, at, { name, on: true });
      notices.push(problem === null ? words.toolsDone.usedFrom : words.toolsDone.notSwitched(problem));
    }
    options.onDone(team, user);
    const facts = await factsOf(person, { ...state, server: id }, notices.join('\n'));
    const now = facts.servers.find((one) => one.id === id);
    return { view: now === undefined ? listView(facts) : serverView(facts, now) };
  }
}

const MOST_LEFT_OUT = 10;

/** Tools that are not offered, in safe mrkdwn. */
function leftOutLines(leftOut: LeftOut): string[] {
  return leftOut
    .slice(0, MOST_LEFT_OUT)
    .map(({ name, why }) => words.toolsDone.leftOut(escapeMrkdwn(name), LEFT_OUT[why]));
}

interface Press {
  readonly team: string;
  readonly user: string;
  readonly view: SeenView;
  readonly state: ToolsState;
  readonly actionId: string;
  readonly value: string | null;
}

/**
 * What a submitted form shows next. `errors`: what is wrong by field, where the fields are still there; `view` says it where
 * they are not.
 */
interface Submitted {
  readonly view: Modal;
  readonly errors?: Readonly<Record<string, string>>;
}

/** A sentence for who may not. */
class NotAllowed extends Error {}

function demandAdmin(person: Person): void {
  const refusal = refusalOf(person, { kind: 'manage_workspace' });
  if (refusal !== null) throw new NotAllowed(wordsOf(refusal));
}

function stale(): Modal {
  return wordsView(words.TOOLS_STALE, { channel: null, server: null });
}
