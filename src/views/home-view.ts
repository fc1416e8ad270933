import { type KeyName, keyOf, type Scope } from '../settings/keys.ts';
import type { ModelChoice } from '../settings/models.ts';
import type { Settings } from '../settings/resolve.ts';
import { HOME_TOOLS_BUTTON, HOME_TOOLS_TITLE, TOOLS_BUTTONS, toolsList } from '../words/connected-servers.ts';
import * as words from '../words/home.ts';
import {
  actions,
  type Block,
  button,
  context,
  cut,
  divider,
  escapeMrkdwn,
  type Home,
  header,
  LIMITS,
  pairs,
  section,
} from './blocks.ts';
import { chartLines, type WeekSpent } from './chart.ts';
import { type Known, shownValue, storedOf } from './settings/fields.ts';

export const HOME = 'skein_home';
export const HOME_SETTINGS = 'home_settings_';
export const HOME_USAGE = 'home_usage_';
export const HOME_TOOLS = 'home_tools';

/** The dearest of one kind this month, in nano-dollars. */
export interface CostBy {
  readonly kind: keyof typeof words.COST_BY;
  /** `name`: Slack's id of a person or channel, or the name of a model or tool. */
  readonly parts: readonly { readonly name: string; readonly cost: bigint }[];
}

export interface HomeFacts {
  /** How people mention us: an id for `<@…>`. */
  readonly bot: string;
  readonly settings: Settings;
  /** They may see what the workspace has set; guests see their own values only. */
  readonly belongs: boolean;
  readonly models: readonly ModelChoice[];
  /** Names of bots that may ask, by user id. */
  readonly names: ReadonlyMap<string, string>;
  /** Today, YYYY-MM-DD (UTC). */
  readonly today: string;
  readonly weeks: readonly WeekSpent[];
  /** Answers of this month whose price is not known. */
  readonly unpriced: number;
  /** Tokens that Claude was given this month, and those of them that were read from the cache. */
  readonly read: { readonly prompt: number; readonly cached: number };
  /** What it was spent on. */
  readonly by: readonly CostBy[];
  readonly conversations: readonly {
    readonly link: string | null;
    readonly question: string | null;
    readonly channel: string;
    readonly direct: boolean;
    readonly at: Date;
  }[];
  /** Connected servers, by name, in lines of safe mrkdwn; null: there are none to tell of. */
  readonly servers: readonly { readonly name: string; readonly lines: readonly string[] }[] | null;
  /** One of them waits for this person's own account. */
  readonly unlinked: boolean;
  /** For admins; null for everybody else. */
  readonly workspace: {
    readonly settings: Settings;
    /** Nano-dollars. */
    readonly today: bigint;
    readonly month: bigint;
    readonly by: readonly CostBy[];
  } | null;
  /** Things a new workspace has yet to do or has done; null: it is not new. */
  readonly steps: readonly { readonly text: string; readonly done: boolean }[] | null;
  /** Something to know first; null: nothing. */
  readonly notice: string | null;
  readonly money: (nano: bigint) => string;
}

const MINE: readonly KeyName[] = ['model', 'effort', 'max_tokens', 'instructions', 'footer', 'ping_after'];
const OURS: readonly KeyName[] = [
  'model',
  'effort',
  'max_tokens',
  'instructions',
  'follow_ups',
  'access',
  'bots',
  'budget_day',
  'budget_month',
  'streaming',
  'files_out',
  'retention',
  'web',
  'tools',
  'channel_changes',
];

/** They stand in one section. */
const MOST_SERVERS = 10;

/** The Home tab. Pure; some forty blocks at most, far below Slack's hundred. */
export function homeView(facts: HomeFacts): Home {
  const blocks: Block[] = [
    ...(facts.notice === null ? [] : [section(facts.notice)]),
    ...welcome(facts),
    ...steps(facts),
    divider,
    header(words.MY_SETTINGS),
    context(words.MY_SETTINGS_LINE),
    ...mySettings(facts),
    settingsButton('person', words.CHANGE_MINE),
    divider,
    ...usage(facts),
    divider,
    ...conversations(facts),
    ...servers(facts),
    ...workspace(facts),
  ];
  return { type: 'home', callback_id: HOME, blocks: blocks.slice(0, LIMITS.blocks) };
}

function mySettings({ settings, belongs, ...known }: HomeFacts): Block[] {
  const shown = MINE.filter((name) => belongs || settings[name].scope === 'person');
  return pairs(shown.map((name) => settingPair(name, settings, known)));
}

function welcome({ bot }: HomeFacts): Block[] {
  return [header(words.WHAT_I_CAN_DO), section(words.whatICanDo(bot))];
}

function steps({ steps }: HomeFacts): Block[] {
  if (steps === null) return [];
  const lines = steps.map(({ text, done }, index) => words.stepLine(index + 1, text, done));
  return [divider, header(words.FIRST_STEPS), section(lines.join('\n'))];
}

/**
 * As text: Slack takes charts and tables in messages only (slack-edge/slack-web-api-client#57, `AnyMessageBlock`), so the
 * button sends them there.
 */
function usage({ weeks, unpriced, read, by, today, money, settings }: HomeFacts): Block[] {
  const cost = weeks.reduce((sum, row) => sum + row.cost, 0n);
  const answers = weeks.reduce((sum, row) => sum + row.answers, 0);
  const own = settings.budget_month.layers.find(({ scope }) => scope === 'person')?.value ?? null;
  const line = words.spentThisMonth(money(cost), own === null ? null : money(own), answers, unpriced, read);
  const chart =
    answers === 0
      ? []
      : [
          section(`\`\`\`${chartLines(weeks, money).join('\n')}\`\`\``),
          ...costBy(by, money),
          usageButton('person'),
        ];
  return [header(words.myUsage(today)), section(line), ...chart];
}

/** A line for each kind. Slack shows the name of a channel to those alone who may see it. */
function costBy(by: readonly CostBy[], money: HomeFacts['money']): Block[] {
  const lines = by
    .filter(({ parts }) => parts.length > 0)
    .map(({ kind, parts }) =>
      words.costBy(
        kind,
        parts.map(({ name, cost }) => ({ name: shownName(kind, name), cost: money(cost) })),
      ),
    );
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

function shownName(kind: CostBy['kind'], name: string): string {
  if (kind === 'person') return `<@${name}>`;
  if (kind === 'channel') return name.startsWith('D') ? words.DIRECT_MESSAGE : `<#${name}>`;
  return escapeMrkdwn(cut(name, 60));
}

function conversations({ conversations }: HomeFacts): Block[] {
  if (conversations.length === 0) return [header(words.MY_CONVERSATIONS), section(words.NO_CONVERSATIONS)];
  const lines = conversations.map(({ link, question, channel, direct, at }) => {
    const label = excerpt(question);
    const linked = link === null ? label : `<${link}|${label}>`;
    return words.conversationLine(linked, direct ? null : channel, at);
  });
  return [header(words.MY_CONVERSATIONS), section(lines.join('\n'))];
}

function servers({ servers, unlinked }: HomeFacts): Block[] {
  if (servers === null) return [];
  const lines = servers.slice(0, MOST_SERVERS).map(({ name, lines }) => toolsList.line(name, lines));
  const label = unlinked ? TOOLS_BUTTONS.link : HOME_TOOLS_BUTTON;
  return [
    divider,
    header(HOME_TOOLS_TITLE),
    section(lines.length === 0 ? toolsList.none : lines.join('\n')),
    actions('home.tools', [button(HOME_TOOLS, label, 'tools')]),
  ];
}

function workspace({ workspace, money, ...known }: HomeFacts): Block[] {
  if (workspace === null) return [];
  const budget = (value: bigint | null) => (value === null ? null : money(value));
  const { settings, today, month, by } = workspace;
  return [
    divider,
    header(words.WORKSPACE),
    context(words.ONLY_ADMINS),
    section(
      words.workspaceSpent(
        { spent: money(today), budget: budget(settings.budget_day.value) },
        { spent: money(month), budget: budget(settings.budget_month.value) },
      ),
    ),
    ...costBy(by, money),
    usageButton('workspace'),
    ...pairs(OURS.map((name) => settingPair(name, settings, known))),
    settingsButton('workspace', words.CHANGE_WORKSPACE),
  ];
}

function settingPair(name: KeyName, settings: Settings, known: Known): readonly [string, string] {
  const value = shownValue(name, storedOf(name, settings), known).replaceAll(/\s+/g, ' ');
  return [keyOf(name).label, `${escapeMrkdwn(cut(value, 120))} (${words.WHOSE_VALUE[settings[name].scope]})`];
}

function settingsButton(scope: Scope, label: string): Block {
  return actions(`home.${scope}`, [button(`${HOME_SETTINGS}${scope}`, label, scope)]);
}

function usageButton(scope: keyof typeof words.SHOW_USAGE): Block {
  const label = words.SHOW_USAGE[scope];
  return actions(`home.usage.${scope}`, [button(`${HOME_USAGE}${scope}`, label, scope)]);
}

/** One line of somebody's own question, harmless inside a link. */
function excerpt(question: string | null): string {
  const line = (question ?? '').replaceAll(/\s+/g, ' ').trim();
  return line === '' ? words.A_CONVERSATION : escapeMrkdwn(cut(line, 80)).trim() || words.A_CONVERSATION;
}
