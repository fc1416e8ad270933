import { type KeyName, keyOf, type Scope } from '../settings/keys.ts';
import type { Settings } from '../settings/resolve.ts';
import {
  type Block,
  context,
  cut,
  divider,
  escapeMrkdwn,
  type Home,
  header,
  LIMITS,
  pairs,
  plain,
  section,
} from './blocks.ts';
import { chartLines, type WeekSpent } from './chart.ts';
import type { ModelChoice } from './ports.ts';
import { day, shownValue, storedOf } from './settings-form.ts';

export const HOME = 'skein_home';
export const HOME_SETTINGS = 'home_settings_';

export interface HomeFacts {
  /** How people mention us: an id for `<@…>`. */
  readonly bot: string;
  readonly settings: Settings;
  readonly models: readonly ModelChoice[];
  /** Today, YYYY-MM-DD (UTC). */
  readonly today: string;
  readonly weeks: readonly WeekSpent[];
  readonly conversations: readonly {
    readonly link: string | null;
    readonly question: string | null;
    readonly channel: string;
    readonly direct: boolean;
    readonly at: Date;
  }[];
  /** For admins; null for everybody else. */
  readonly workspace: {
    readonly settings: Settings;
    /** Nano-dollars. */
    readonly today: bigint;
    readonly month: bigint;
  } | null;
  /** Things a new workspace has yet to do or has done; null: it is not new. */
  readonly steps: readonly { readonly text: string; readonly done: boolean }[] | null;
  /** Something to know first; null: nothing. */
  readonly notice: string | null;
  readonly money: (nano: bigint) => string;
}

const WHOSE: Readonly<Record<Scope | 'deployment', string>> = {
  deployment: 'usual',
  workspace: 'from the workspace',
  channel: 'from the channel',
  person: 'your own',
};

const MINE: readonly KeyName[] = ['model', 'effort', 'max_tokens', 'instructions', 'footer', 'ping_after'];
const OURS: readonly KeyName[] = [
  'model',
  'effort',
  'max_tokens',
  'instructions',
  'follow_ups',
  'access',
  'budget_day',
  'budget_month',
  'streaming',
  'channel_changes',
];

/** The Home tab. Pure; some forty blocks at most, far below Slack's hundred. */
export function homeView(facts: HomeFacts): Home {
  const blocks: Block[] = [
    ...(facts.notice === null ? [] : [section(facts.notice)]),
    ...welcome(facts),
    ...steps(facts),
    divider,
    header('My settings'),
    context('They hold in direct messages with me; some hold wherever you ask.'),
    ...pairs(MINE.map((name) => settingPair(name, facts.settings, facts.models))),
    settingsButton('person', 'Change my settings'),
    divider,
    ...usage(facts),
    divider,
    ...conversations(facts),
    ...workspace(facts),
  ];
  return { type: 'home', callback_id: HOME, blocks: blocks.slice(0, LIMITS.blocks) };
}

function welcome({ bot }: HomeFacts): Block[] {
  return [
    header('What I can do'),
    section(
      [
        `• *In a channel*: mention <@${bot}> and ask. I answer in the thread, in one message that grows.`,
        '• *In a direct message*: write in the Messages tab. Each message at the top begins a conversation.',
        '• *In a thread*: I remember all of it. *Stop* ends an answer and keeps what is there.',
        '• *Anywhere*: `/skein help` lists what can be set, seen and exported.',
      ].join('\n'),
    ),
  ];
}

function steps({ steps }: HomeFacts): Block[] {
  if (steps === null) return [];
  const lines = steps.map(({ text, done }, index) =>
    done ? `${index + 1}. ~${text}~ (done)` : `${index + 1}. ${text}`,
  );
  return [divider, header('First steps'), section(lines.join('\n'))];
}

function usage({ weeks, today, money, settings }: HomeFacts): Block[] {
  const cost = weeks.reduce((sum, row) => sum + row.cost, 0n);
  const answers = weeks.reduce((sum, row) => sum + row.answers, 0);
  const month = new Date(today).toLocaleDateString('en-GB', { month: 'long', timeZone: 'UTC' });
  const own = settings.budget_month.layers.find(({ scope }) => scope === 'person')?.value ?? null;
  const of = own === null ? '' : ` of your budget of ${money(own)}`;
  const words = `*${money(cost)}*${of} for ${answers} ${answers === 1 ? 'answer' : 'answers'}.`;
  const chart = answers === 0 ? [] : [section(`\`\`\`${chartLines(weeks, money).join('\n')}\`\`\``)];
  return [header(`My usage in ${month}`), section(words), ...chart];
}

function conversations({ conversations }: HomeFacts): Block[] {
  if (conversations.length === 0)
    return [header('My recent conversations'), section('None in the last 30 days.')];
  const lines = conversations.map(({ link, question, channel, direct, at }) => {
    const label = excerpt(question);
    const linked = link === null ? label : `<${link}|${label}>`;
    return `• ${linked} (${direct ? 'direct message' : `<#${channel}>`}, ${day(at.toISOString())})`;
  });
  return [header('My recent conversations'), section(lines.join('\n'))];
}

function workspace({ workspace, money, models }: HomeFacts): Block[] {
  if (workspace === null) return [];
  const limit = (value: bigint | null) => (value === null ? 'no budget' : `of ${money(value)}`);
  const { settings, today, month } = workspace;
  return [
    divider,
    header('Workspace'),
    context('Only admins see this.'),
    section(
      `Spent today: *${money(today)}* (${limit(settings.budget_day.value)}). ` +
        `This month: *${money(month)}* (${limit(settings.budget_month.value)}). Days and months are UTC.`,
    ),
    ...pairs(OURS.map((name) => settingPair(name, settings, models))),
    settingsButton('workspace', 'Change workspace settings'),
  ];
}

function settingPair(
  name: KeyName,
  settings: Settings,
  models: readonly ModelChoice[],
): readonly [string, string] {
  const value = shownValue(name, storedOf(name, settings), models).replaceAll(/\s+/g, ' ');
  return [keyOf(name).label, `${escapeMrkdwn(cut(value, 120))} (${WHOSE[settings[name].scope]})`];
}

function settingsButton(scope: Scope, label: string): Block {
  return {
    type: 'actions',
    block_id: `home.${scope}`,
    elements: [{ type: 'button', action_id: `${HOME_SETTINGS}${scope}`, text: plain(label), value: scope }],
  };
}

/** One line of somebody's own question, harmless inside a link. */
function excerpt(question: string | null): string {
  const line = (question ?? '').replaceAll(/\s+/g, ' ').trim();
  return line === '' ? 'A conversation' : escapeMrkdwn(cut(line, 80)).trim() || 'A conversation';
}
