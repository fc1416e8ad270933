import { isJson, listOf } from '../../playground/slack/json.ts';
import type { View } from '../../playground/slack/records.ts';
import { systemClock as clock } from '../../src/clock.ts';
import type { History } from './history.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** A setting that somebody sent, by a command or a form. Times: milliseconds since the epoch. */
export interface SettingSent {
  readonly scope: 'person' | 'channel';
  readonly scopeId: string;
  readonly value: string;
  readonly by: 'command' | 'form';
  readonly at: number;
  readonly acked: boolean;
  /** When Slack knew that it was stored: a form that was taken without a word. Null: nobody knows. */
  readonly takenAt: number | null;
}

/** A command that has an answer. */
export interface CommandSent {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly at: number;
  readonly acked: boolean;
}

/** A budget that was set for a channel and a day: nano-dollars, in force for calls that began after `at` at the latest. */
export interface BudgetSent {
  readonly channel: string;
  readonly most: bigint;
  readonly at: number;
}

/** What people do beside asking and pressing: commands, forms, and budgets that run out. */
export interface Errands {
  readonly settings: readonly SettingSent[];
  readonly commands: readonly CommandSent[];
  readonly budgets: readonly BudgetSent[];
  /** Does the next thing, by the seed. */
  run(): Promise<void>;
  /** Sets the budget of a channel, in cents or tenths of them, and resolves when it is stored. */
  budget(channel: string, cents: number): Promise<void>;
  /** Asks by the form that asks anywhere. */
  askByForm(user: string, channel: string): Promise<void>;
}

/** A channel with little money. Its admin is Ana. */
export const POOR = 'C0LAUNCH';
export const ADMIN = 'U0ANA';
const PLACES = [
  { user: 'U0ANA', channel: 'C0GENERAL' },
  { user: 'U0BEN', channel: 'C0ENGINEERING' },
  { user: 'U0CHIDI', channel: 'C0DESIGN' },
] as const;
/** For one or two answers: others wait, and later ones are refused. */
export const FEW_CENTS = 5;
const FORM_MS = 2_000;
const LOOK_MS = 50;
/** As many budgets as it takes until one is stored, on a machine whose processes die meanwhile. */
const BUDGET_TRIES = 60;
const BUDGET_MS = 2_000;

export function createErrands(world: World, history: History, random: Random): Errands {
  const { slack } = world;
  const settings: SettingSent[] = [];
  const commands: CommandSent[] = [];
  const budgets: BudgetSent[] = [];
  let cents = FEW_CENTS;

  const command = async (user: string, channel: string, text: string): Promise<CommandSent> => {
    const at = clock.now();
    world.note(`/skein ${text} by ${user} in ${channel}`);
    const { acked } = await slack.slash(user, channel, '/skein', text);
    return { user, channel, text, at, acked };
  };

  /** A value that nobody has sent before, and that changes no answer. */
  const nextValue = () => String(50_000 + settings.length);

  const set = async () => {
    const { user, channel } = random.pick(PLACES);
    const scope = random.pick(['person', 'channel'] as const);
    const value = nextValue();
    const scopeId = scope === 'person' ? user : channel;
    const entry = { scope, scopeId, value, by: 'command' as const, at: clock.now(), takenAt: null };
    const place = settings.push({ ...entry, acked: false }) - 1;
    const sent = await command(
      user,
      channel,
      `set context_tokens ${value} ${scope === 'person' ? 'me' : 'channel'}`,
    );
    settings[place] = { ...entry, acked: sent.acked };
    commands.push(sent);
  };

  const show = async () => {
    const { user, channel } = random.pick(PLACES);
    commands.push(await command(user, channel, random.pick(['show', 'budget', 'usage', 'help'])));
  };

  /** The form that comes when something is done; null if it does not come. */
  const formAfter = async (user: string, act: () => Promise<unknown>, suits: (view: View) => boolean) => {
    const before = new Set([...slack.workspace.views.values()].map(({ id }) => id));
    await act();
    return slack
      .waitForView((view) => view.open && view.user === user && !before.has(view.id) && suits(view), {
        timeoutMs: FORM_MS,
      })
      .catch(() => null);
  };

  const setByForm = async () => {
    const { user, channel } = random.pick(PLACES);
    const view = await formAfter(
      user,
      () => slack.slash(user, channel, '/skein', 'settings me'),
      (one) => fieldOf(one, 'set.context_tokens.') !== null,
    );
    const field = view === null ? null : fieldOf(view, 'set.context_tokens.');
    if (view === null || field === null) return;
    const value = nextValue();
    const entry = { scope: 'person' as const, scopeId: user, value, by: 'form' as const, at: clock.now() };
    const place = settings.push({ ...entry, acked: false, takenAt: null }) - 1;
    world.note(`settings form by ${user}: ${value}`);
    const sent = await slack.interactions
      .submitView(user, view.id, { [field.block]: { [field.action]: value } })
      .catch(() => null);
    const taken = sent?.acked === true && Object.keys(sent.errors).length === 0;
    settings[place] = { ...entry, acked: sent?.acked === true, takenAt: taken ? clock.now() : null };
  };

  const askByForm = async (user: string, channel: string) => {
    const open = () =>
      formAfter(
        user,
        () => slack.interactions.shortcut(user, 'ask_skein'),
        (one) => fieldOf(one, 'question') !== null,
      );
    // A form that comes too late for its trigger is opened once more.
    const view = (await open()) ?? (await open());
    if (view === null) return;
    await history.askElsewhere({ user, channel, via: 'form' }, async (words) => {
      const sent = await slack.interactions
        .submitView(user, view.id, {
          question: { text: words },
          channel: { pick: { type: 'conversations_select', selected_conversation: channel } },
        })
        .catch(() => null);
      return sent?.acked === true && Object.keys(sent.errors).length === 0;
    });
  };

  const askByCommand = async () => {
    const { user, channel } = random.pick(PLACES);
    await history.askElsewhere({ user, channel, via: 'command' }, async (words) => {
      const { acked } = await command(user, channel, `ask ${words}`);
      return acked;
    });
  };

  const askTwicePoor = () => {
    for (const user of [ADMIN, 'U0BEN']) history.ask({ user, channel: POOR });
  };

  /** As it is stored; null: none is, or nobody knows now. */
  const budgetNow = async (channel: string): Promise<string | null> => {
    const { rows } = await world.database
      .query<{ value: string }>(
        `select value from skein.settings where scope = 'channel' and scope_id = $1 and key = 'budget_day'`,
        [channel],
      )
      .catch(() => ({ rows: [] }));
    return rows[0]?.value ?? null;
  };

  const raise = async () => {
    // It may have been raised by the button meanwhile.
    const before = Number((await budgetNow(POOR))?.slice(1) ?? 0) * 100;
    cents = Math.max(cents, Math.ceil(before)) + FEW_CENTS;
    await setBudget(POOR, cents, 1);
  };

  const setBudget = async (channel: string, most: number, tries: number) => {
    const dollars = (most / 100).toFixed(Number.isInteger(most) ? 2 : 3);
    // From now on at the latest: whether it is stored is known only later, if at all.
    budgets.push({ channel, most: BigInt(Math.round(most * 10)) * 1_000_000n, at: clock.now() });
    for (let left = tries; left > 0; left--) {
      await command(ADMIN, channel, `budget $${dollars} day channel`);
      for (const until = clock.monotonic() + BUDGET_MS; clock.monotonic() < until; ) {
        if ((await budgetNow(channel)) === `$${dollars}`) return;
        await clock.sleep(LOOK_MS);
      }
    }
    if (tries > 1) throw new Error(`the budget of ${channel} could not be set`);
  };

  return {
    settings,
    commands,
    budgets,
    async run() {
      const chance = random.next();
      if (chance < 0.16) return set();
      if (chance < 0.26) return show();
      if (chance < 0.42) return setByForm();
      if (chance < 0.56) {
        const { user, channel } = random.pick(PLACES);
        return askByForm(user, channel);
      }
      if (chance < 0.66) return askByCommand();
      if (chance < 0.9) return askTwicePoor();
      return raise();
    },
    budget: (channel, most) => setBudget(channel, most, BUDGET_TRIES),
    askByForm,
  };
}

/** The input of a form whose block begins like this; null if it has none. */
function fieldOf(view: View, begins: string): { readonly block: string; readonly action: string } | null {
  for (const block of listOf(view.content.blocks).filter(isJson))
    if (String(block.block_id).startsWith(begins) && isJson(block.element))
      return { block: String(block.block_id), action: String(block.element.action_id) };
  return null;
}
