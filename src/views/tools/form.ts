import { SERVER_NAME } from '../../settings/parsing.ts';
import * as words from '../../words/connected-servers.ts';
import { SERVER_PROBLEMS, type ServerProblem } from '../../words/tool-servers.ts';
import { type InputElement, input, type Modal, modal, plain, section } from '../blocks.ts';
import { TOOLS_MODAL } from './list.ts';
import type { ToolServer, WantedServer } from './ports.ts';
import { type ToolsState, writeToolsState } from './state.ts';

/** Where a server is to be used as soon as it is connected. */
type Where = 'channel' | 'workspace' | 'nowhere';
type Wanted = WantedServer & { readonly where: Where };

/** Block ids of the form's fields. */
export const TOOL_FIELDS = {
  name: 'tool_name',
  url: 'tool_url',
  account: 'tool_account',
  token: 'tool_token',
  client: 'tool_client',
  people: 'tool_people',
  changes: 'tool_changes',
  where: 'tool_where',
} as const;

/** What a form begins with; absent: the usual. */
export type Prefill = Partial<Omit<Wanted, 'token' | 'client'>>;

const MOST_URL = 500;
const MOST_TOKEN = 2000;
/** Words that mean something else where servers are named. */
const TAKEN = ['none', 'off', 'me', 'mine', 'channel', 'workspace', 'team', 'here'];

/** The form for a new server, or for one that is there. Pure. */
export function serverForm(
  state: ToolsState,
  prefill: Prefill,
  server: ToolServer | null,
  notice: string | null,
): Modal {
  const form = words.toolForm;
  const labels = words.TOOLS_BUTTONS;
  const given: Prefill = { ...(server ?? {}), ...prefill };
  const places: readonly Where[] =
    state.channel === null ? ['nowhere', 'workspace'] : ['channel', 'workspace', 'nowhere'];
  const where = given.where ?? places[0] ?? 'nowhere';
  const isNew = server === null;
  const hint = isNew ? form.token.hint : `${form.token.hint} ${form.token.kept}`;
  const token = { label: form.token.label, hint };
  const texts = {
    title: isNew ? form.titleNew : form.titleChange,
    submit: isNew ? labels.submit : labels.save,
    close: labels.cancel,
  };
  return modal(
    TOOLS_MODAL,
    texts,
    [
      ...(notice === null ? [] : [section(notice)]),
      ...(isNew
        ? [
            input(TOOL_FIELDS.name, form.name, typed(given.name, 20)),
            input(TOOL_FIELDS.url, form.url, typed(given.url, MOST_URL)),
            input(TOOL_FIELDS.account, form.account, choice(form.account.options, given.account ?? 'none')),
          ]
        : []),
      ...(isNew || server.account === 'workspace'
        ? [input(TOOL_FIELDS.token, token, typed(undefined, MOST_TOKEN), true)]
        : []),
      ...(isNew ? [input(TOOL_FIELDS.client, form.client, typed(undefined, MOST_TOKEN), true)] : []),
      input(TOOL_FIELDS.people, form.people, choice(form.people.options, given.people ?? 'members')),
      input(TOOL_FIELDS.changes, form.changes, choice(form.changes.options, given.changes ?? 'ask')),
      ...(isNew ? [input(TOOL_FIELDS.where, form.where, choice(form.where.options, where, places))] : []),
    ],
    writeToolsState(state),
  );
}

/** What was entered, or what is wrong with it by field. Nothing here asks anybody. */
export function readForm(
  values: ReadonlyMap<string, string | null>,
  server: ToolServer | null,
): { readonly wanted: Wanted } | { readonly errors: Readonly<Record<string, string>> } {
  const form = words.toolForm;
  const text = (field: string) => (values.get(field) ?? '').trim();
  const pick = <T extends string>(field: string, options: Readonly<Record<T, string>>, usual: T): T => {
    const value = text(field);
    return Object.hasOwn(options, value) ? (value as T) : usual;
  };
  const name = text(TOOL_FIELDS.name).toLowerCase();
  const wanted: Wanted = {
    // Another address or account is another server.
    name: server?.name ?? name,
    url: server?.url ?? text(TOOL_FIELDS.url),
    account: server?.account ?? pick(TOOL_FIELDS.account, form.account.options, 'none'),
    token: text(TOOL_FIELDS.token),
    client: clientOf(text(TOOL_FIELDS.client)),
    people: pick(TOOL_FIELDS.people, form.people.options, 'members'),
    changes: pick(TOOL_FIELDS.changes, form.changes.options, 'ask'),
    where: pick(TOOL_FIELDS.where, form.where.options, 'nowhere'),
  };
  if (server !== null) return { wanted };
  const errors: Record<string, string> = {};
  if (!SERVER_NAME.test(name)) errors[TOOL_FIELDS.name] = SERVER_PROBLEMS.name;
  else if (TAKEN.includes(name)) errors[TOOL_FIELDS.name] = words.toolTrouble.reserved;
  if (!URL.canParse(wanted.url) || !/^https?:$/.test(new URL(wanted.url).protocol))
    errors[TOOL_FIELDS.url] = SERVER_PROBLEMS.url;
  if (wanted.account === 'workspace' && wanted.token === '')
    errors[TOOL_FIELDS.token] = SERVER_PROBLEMS.token_missing;
  return Object.keys(errors).length > 0 ? { errors } : { wanted };
}

/** The ID of a client, and behind a blank its secret. */
function clientOf(text: string): Wanted['client'] {
  const [id = '', secret = null] = text.split(/\s+/);
  return id === '' ? null : { id, secret };
}

/** The field at which a trouble is told. `server`: the one that is changed; null: it is new. */
export function fieldOf(why: ServerProblem, server: ToolServer | null): string {
  if (server !== null) return server.account === 'workspace' ? TOOL_FIELDS.token : TOOL_FIELDS.people;
  switch (why) {
    case 'name':
    case 'name_taken':
    case 'too_many_servers':
      return TOOL_FIELDS.name;
    case 'token_missing':
      return TOOL_FIELDS.token;
    case 'needs_client':
      return TOOL_FIELDS.client;
    case 'unauthorized':
    case 'no_key':
    case 'no_public_url':
    case 'no_oauth':
    case 'unlinked':
    case 'not_personal':
      return TOOL_FIELDS.account;
    default:
      return TOOL_FIELDS.url;
  }
}

function typed(value: string | undefined, most: number): InputElement {
  return {
    type: 'plain_text_input',
    action_id: 'value',
    multiline: false,
    max_length: most,
    ...(value === undefined || value === '' ? {} : { initial_value: value.slice(0, most) }),
  };
}

function choice<T extends string>(
  labels: Readonly<Record<T, string>>,
  value: T,
  among: readonly T[] = Object.keys(labels) as T[],
): InputElement {
  const options = among.map((one) => ({ text: plain(labels[one]), value: one }));
  const initial = options.find((one) => one.value === value);
  return {
    type: 'static_select',
    action_id: 'value',
    options,
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
}
