import type { Clock } from '../clock.ts';
import type { Defaults } from '../defaults.ts';
import { toError } from '../errors.ts';
import { formatUsd } from '../ledger/cost.ts';
import { dayOf, startOf } from '../ledger/periods.ts';
import { dearest, toolsUsed, type UsageOf, usageBy } from '../ledger/reports/store.ts';
import { spentNow } from '../ledger/store.ts';
import type { Log } from '../log.ts';
import { refusalOf } from '../people/may.ts';
import type { People } from '../people/person.ts';
import type { Database } from '../postgres/database.ts';
import type { Models } from '../settings/models.ts';
import { resolve } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { AWAY, STEPS } from '../words/home.ts';
import { usageAnswer } from '../words/reports.ts';
import { type Home, header, section } from './blocks.ts';
import { weeksOf } from './chart.ts';
import { type CostBy, HOME, type HomeFacts, homeView } from './home-view.ts';
import type { Windows } from './ports.ts';
import { namesOf } from './settings/draw.ts';
import { daysOf, firstSteps, recentConversations } from './store.ts';
import { summaryOf } from './tools/list.ts';
import type { ToolServers } from './tools/ports.ts';

export interface HomeOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly people: People;
  readonly windows: Windows;
  readonly models: Models;
  readonly tools: Pick<ToolServers, 'list' | 'linked'>;
  /** User id of the bot; null until it is known. */
  readonly bot: (team: string) => string | null;
  readonly clock: Clock;
  readonly log: Log;
}

const RECENT_MS = 30 * 24 * 60 * 60 * 1000;
const MOST_RECENT = 5;
/** Of each kind; a button sends all of them. */
const MOST_DEAREST = 3;

/** What the rule for seeing the workspace's settings is (`people/editing.ts`). */
const AS_MEMBER = { kind: 'change_channel', inChannel: 'yes', by: 'members' } as const;

/** Draws somebody's Home tab and publishes it. Never rejects. `notice`: something to say first. */
export type PublishHome = (team: string, user: string, notice?: string) => Promise<void>;

/** The Home tab: read anew each time, for the one person who sees it. */
export function createHome(options: HomeOptions): PublishHome {
  const { database, defaults, people, windows, clock, log } = options;

  return async (team, user, notice) => {
    const view = await facts(team, user, notice ?? null)
      .then(homeView)
      .catch((thrown): Home => {
        log.warn({ err: toError(thrown) }, 'the Home tab could not be drawn');
        return { type: 'home', callback_id: HOME, blocks: [header(AWAY.header), section(AWAY.line)] };
      });
    await windows.publish(team, user, view);
  };

  async function facts(team: string, user: string, notice: string | null): Promise<HomeFacts> {
    const now = clock.now();
    const [day, month] = [startOf('day', now), startOf('month', now)];
    const mine = { team, person: user };
    const db = database.query;
    const [set, days, by, recent, begun, person, { models }, servers, linked] = await Promise.all([
      readSettings(db, { team, channel: null, person: user }),
      daysOf(db, mine, month),
      byModelAndTool({ team, scope: 'person', scopeId: user, since: month }),
      recentConversations(db, mine, new Date(now - RECENT_MS), MOST_RECENT),
      firstSteps(db, team),
      people.of(team, user, 0),
      options.models(),
      options.tools.list(team),
      options.tools.linked(mine),
    ]);
    const belongs = person !== 'unreachable' && refusalOf(person, AS_MEMBER) === null;
    const admin = person !== 'unreachable' && refusalOf(person, { kind: 'manage_workspace' }) === null;
    const ours = set.filter(({ scope }) => scope === 'workspace');
    const workspaceSettings = resolve(defaults, ours, { direct: false });
    const [spent, spentBy] = admin
      ? await Promise.all([spentNow(db, { ...mine, channel: '' }, now), byAll(team, month)])
      : [null, []];
    const bot = options.bot(team) ?? '';
    const names = admin ? await namesOf(people, team, workspaceSettings.bots.value) : new Map();
    const conversations = await Promise.all(
      recent.map(async ({ threadTs, ...one }) => ({
        ...one,
        link: await windows.permalink(team, one.channel, threadTs),
      })),
    );
    const today = dayOf(day);
    const used = { here: [], everywhere: workspaceSettings.tools.value, linked };
    // People of other companies are told nothing of what this workspace connected.
    const inside = person !== 'unreachable' && refusalOf(person, { kind: 'change_own' }) === null;
    return {
      bot,
      settings: resolve(defaults, set, { direct: true }),
      belongs,
      models,
      names,
      today,
      weeks: weeksOf(days, today),
      unpriced: days.reduce((sum, { unpriced }) => sum + unpriced, 0),
      read: {
        prompt: days.reduce((sum, { prompt }) => sum + prompt, 0),
        cached: days.reduce((sum, { cached }) => sum + cached, 0),
      },
      by,
      conversations,
      servers:
        !inside || (servers.length === 0 && !admin)
          ? null
          : servers.map((one) => ({
              name: one.name,
              lines: summaryOf(one, { ...used, state: { channel: null, server: null } }),
            })),
      unlinked: servers.some(({ id, account }) => account === 'person' && !linked.has(id)),
      workspace:
        spent === null
          ? null
          : {
              settings: workspaceSettings,
              today: spent.workspace.day,
              month: spent.workspace.month,
              by: spentBy,
            },
      steps: begun.many
        ? null
        : stepsOf({
            bot,
            admin,
            ...begun,
            budget: workspaceSettings.budget_month.value !== null,
            instructed: ours.some(({ key }) => key === 'instructions'),
          }),
      notice,
      money: formatUsd,
    };
  }

  async function byModelAndTool(of: UsageOf): Promise<CostBy[]> {
    const [models, tools] = await Promise.all([
      usageBy(database.query, of, 'model'),
      toolsUsed(database.query, of),
    ]);
    return [
      { kind: 'model', parts: models.map(({ who, cost }) => ({ name: who, cost })).slice(0, MOST_DEAREST) },
      { kind: 'tool', parts: tools.map(({ tool, cost }) => ({ name: usageAnswer.tools[tool], cost })) },
    ];
  }

  async function byAll(team: string, since: Date): Promise<CostBy[]> {
    const named = async (kind: 'person' | 'channel'): Promise<CostBy> => {
      const found = await dearest(database.query, { team, scope: kind, since }, MOST_DEAREST);
      return { kind, parts: found.map(({ who, cost }) => ({ name: who, cost })) };
    };
    const [people, channels, others] = await Promise.all([
      named('person'),
      named('channel'),
      byModelAndTool({ team, scope: 'workspace', scopeId: team, since }),
    ]);
    return [people, channels, ...others];
  }
}

function stepsOf(known: {
  readonly bot: string;
  readonly admin: boolean;
  readonly asked: boolean;
  readonly inChannel: boolean;
  readonly budget: boolean;
  readonly instructed: boolean;
}): HomeFacts['steps'] {
  const forAdmins = [
    { text: STEPS.budget, done: known.budget },
    { text: STEPS.instructions, done: known.instructed },
  ];
  return [
    { text: STEPS.ask, done: known.asked },
    { text: STEPS.invite(known.bot), done: known.inChannel },
    ...(known.admin ? forAdmins : []),
  ];
}
