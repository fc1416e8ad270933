import { describe, expect, it } from 'vitest';
import { person } from '../../playground/slack/seed.ts';
import { skein, startCalmWorld } from './slash.ts';
import { blocksOf, field, filled, openHome, openSettings, save, textOf } from './views.ts';
import { ana, ben, finishedReply, general, query, type World } from './world.ts';

const chidi = 'U0CHIDI';
const dana = 'U0DANA';

async function stored(world: World): Promise<string[]> {
  const rows = await query<{ scope: string; scope_id: string; key: string; value: string }>(
    world,
    'select scope, scope_id, key, value from skein.settings order by scope, scope_id, key',
  );
  return rows.map(({ scope, scope_id, key, value }) => `${scope} ${scope_id} ${key} = ${value}`);
}

/** Makes somebody admin or not, as Slack's own settings would. */
function setAdmin(world: World, user: string, isAdmin: boolean): void {
  const before = world.slack.workspace.people.get(user) ?? person(user, user, user);
  world.slack.workspace.put({ table: 'person', key: user, value: { ...before, isAdmin } });
}

describe.each(['socket', 'http'] as const)('the settings modal over %s', (mode) => {
  it('shows what holds and whose it is, takes a change, and the next answer follows it', async () => {
    const world = await startCalmWorld({ mode, script: () => ({ text: 'Done.' }) });
    const view = await openSettings(world, ben);
    expect(textOf(view)).toContain('Claude Sonnet 4.6 (the usual value)');
    const saved = await save(world, ben, view, {
      model: 'claude-haiku-5-5',
      max_tokens: '2000',
      instructions: 'Answer in Portuguese.',
    });
    expect(saved).toMatchObject({ acked: true, errors: {} });
    expect(world.slack.workspace.views.get(view.id)?.open).toBe(false);
    expect(await stored(world)).toEqual([
      `person ${ben} instructions = Answer in Portuguese.`,
      `person ${ben} max_tokens = 2000`,
      `person ${ben} model = claude-haiku-5-5`,
    ]);
    const { channel, ts } = world.slack.dm(ben, 'hello');
    await finishedReply(world, channel, ts);
    const body = world.model.calls()[0]?.body;
    expect(body).toMatchObject({ model: 'claude-haiku-5-5' });
    expect(JSON.stringify(body?.['system'])).toContain('Answer in Portuguese.');
  });

  it('offers the models of the provider with prices and retirement, found by what is typed', async () => {
    const world = await startCalmWorld({ mode });
    const view = await openSettings(world, ben);
    const ask = async (value: string) => {
      // A list that comes after Slack's three seconds is not shown; somebody types again.
      for (let again = 0; ; again += 1) {
        const { acked, options } = await world.slack.interactions.suggest(
          ben,
          { viewId: view.id },
          { actionId: 'settings_model', value },
        );
        if (acked || again === 5) return options.map((option) => JSON.stringify(option));
      }
    };
    expect((await ask(''))[0]).toContain('Claude Sonnet 4.6 (the usual value)');
    expect((await ask('')).length).toBeGreaterThan(10);
    const [older, ...others] = await ask('sonnet 4.5');
    expect(others).toEqual([]);
    expect(older).toContain('Claude Sonnet 4.5 · $3 in, $15 out');
    expect(older).toContain('Retires on 30 November 2026');
    expect(await ask('gpt')).toEqual([]);
  });
});

describe('/skein settings', () => {
  it('opens the settings of the channel it was typed in, and what is saved there is shown by /skein show', async () => {
    const world = await startCalmWorld();
    await world.slack.slash(ben, general, '/skein', 'settings');
    const view = await filled(world, ben);
    expect(textOf(view)).toContain(`Channel: <#${general}>`);
    await save(world, ben, view, { follow_ups: 'always', budget_day: '12.5' });
    expect(await stored(world)).toEqual([
      `channel ${general} budget_day = $12.50`,
      `channel ${general} follow_ups = always`,
    ]);
    const shown = await skein(world, ana, general, 'show');
    expect(shown.visible).toMatch(/follow_ups.*always.*Ben Okafor/);
  });

  it('with a channel or a person opens theirs, and what is saved there is theirs', async () => {
    const world = await startCalmWorld();
    await world.slack.slash(ana, general, '/skein', 'settings <#C0LAUNCH|launch>');
    const other = await filled(world, ana);
    expect(textOf(other)).toContain('Channel: <#C0LAUNCH>');
    await save(world, ana, other, { footer: 'off' });
    await world.slack.slash(ana, general, '/skein', `settings <@${ben}|ben>`);
    const his = await filled(world, ana, other.hash);
    expect(textOf(his)).toContain(`Person: <@${ben}>`);
    await save(world, ana, his, { footer: 'off' });
    expect(await stored(world)).toEqual(['channel C0LAUNCH footer = off', `person ${ben} footer = off`]);
  });

  it('with somebody else shows a member nothing of theirs, and saves nothing there', async () => {
    const world = await startCalmWorld();
    await skein(world, ana, 'D0ANA', 'set instructions "Keep my secret." me');
    await world.slack.slash(ben, general, '/skein', `settings <@${ana}|ana>`);
    const view = await filled(world, ben);
    expect(textOf(view)).toContain('Only admins of this workspace may do that.');
    expect(textOf(view)).not.toContain('secret');
    expect(view.content.submit).toBeUndefined();
  });

  it('of the channel, typed in a direct message, says that there is none and opens nothing', async () => {
    const world = await startCalmWorld();
    const answer = await skein(world, ana, 'D0ANA', 'settings channel');
    expect(answer.visible).toContain('There is no channel here.');
    expect([...world.slack.workspace.views.values()].filter(({ kind }) => kind === 'modal')).toEqual([]);
  });

  it('that Slack opens no more is answered in words, for the asker only', async () => {
    const world = await startCalmWorld({ slack: { triggerMs: -1 } });
    const answer = await skein(world, ben, general, 'settings me');
    expect(answer.ephemeralFor).toBe(ben);
    expect(answer.visible).toContain('/skein show');
  });
});

describe('the settings modal', () => {
  it('tells at its fields what is wrong and keeps everything', async () => {
    const world = await startCalmWorld();
    const view = await openSettings(world, ben);
    const saved = await save(world, ben, view, { ping_after: 'soon', budget_month: 'a lot', footer: 'off' });
    expect(saved.errors).toEqual({
      [field(view, 'ping_after').block]: 'Use a time of up to a day such as 60, 90 s or 2 min, or off.',
      [field(view, 'budget_month').block]: 'Use an amount of US dollars such as $50 or 12.50, or none.',
    });
    expect(await stored(world)).toEqual([]);
    expect(world.slack.workspace.views.get(view.id)?.open).toBe(true);
  });

  it('knows what the chosen model can do: its levels of effort and its longest answer', async () => {
    const world = await startCalmWorld();
    const view = await openSettings(world, ben);
    expect(textOf(view)).toContain('Maximum');
    expect(textOf(view)).not.toContain('Very high');
    const { block } = field(view, 'model');
    await world.slack.interactions.clickView(
      ben,
      view.id,
      {
        actionId: 'settings_model',
        held: { type: 'external_select', selected_option: option('claude-haiku-4-5') },
      },
      { [block]: { settings_model: 'claude-haiku-4-5' } },
    );
    const turned = await filled(world, ben, view.hash);
    expect(textOf(turned)).not.toContain('Maximum');
    const saved = await save(world, ben, turned, { model: 'claude-haiku-4-5', max_tokens: '100000' });
    expect(saved.errors).toEqual({
      [field(turned, 'max_tokens').block]: 'Claude Haiku 4.5 writes at most 64,000 tokens.',
    });
  });

  it('resets one setting by its own choice, and all by the button', async () => {
    const world = await startCalmWorld();
    const first = await openSettings(world, ben);
    await save(world, ben, first, { footer: 'off', max_tokens: '2000', instructions: 'Be brief.' });
    const second = await openSettings(world, ben);
    expect(textOf(second)).toContain('Set here by Ben Okafor');
    expect(textOf(second)).toContain('Reset to: Off (the usual value)');
    await save(world, ben, second, { footer: '-', max_tokens: '' });
    expect(await stored(world)).toEqual([`person ${ben} instructions = Be brief.`]);
    const third = await openSettings(world, ben);
    await world.slack.interactions.clickView(ben, third.id, { actionId: 'settings_reset' });
    expect(textOf(await filled(world, ben, third.hash))).toContain('Reset: the wider scope decides again.');
    expect(await stored(world)).toEqual([]);
  });

  it('takes instructions of ten thousand characters in fields that Slack allows, and gives them back whole', async () => {
    const world = await startCalmWorld();
    const lines = Array.from({ length: 90 }, (_, index) => `${index} ${'x'.repeat(70)}`);
    const text = lines.join('\n');
    await query(
      world,
      `insert into skein.settings (team, scope, scope_id, key, value, set_by) values ($1, 'person', $2, 'instructions', $3, $2)`,
      [world.slack.team, ben, text],
    );
    const view = await openSettings(world, ben);
    const parts = blocksOf(view).filter(({ block_id }) => String(block_id).startsWith('set.instructions.'));
    expect(parts.length).toBe(3);
    expect(textOf(view)).toContain(`${text.length.toLocaleString('en-US')} of 10,000 characters.`);
    const [first] = parts;
    await save(world, ben, view, { footer: 'off' });
    expect(await stored(world)).toContain(`person ${ben} instructions = ${text}`);
    const again = await openSettings(world, ben);
    const { errors } = await world.slack.interactions.submitView(ben, again.id, {
      [String(first?.block_id)]: { settings_value: 'Only this.' },
      [String(parts[1]?.block_id)]: { settings_value: '' },
      [String(parts[2]?.block_id)]: { settings_value: '' },
    });
    expect(errors).toEqual({});
    expect(await stored(world)).toContain(`person ${ben} instructions = Only this.`);
  });

  it('leaves alone what somebody else changed meanwhile, and asks where both changed the same', async () => {
    const world = await startCalmWorld();
    setAdmin(world, ben, true);
    const anas = await openSettings(world, ana, 'workspace');
    const bens = await openSettings(world, ben, 'workspace');
    await save(world, ben, bens, { max_tokens: '3000', instructions: 'Be brief.' });
    // Another setting: no quarrel, and Ben's stay although Ana's form still showed the old ones.
    const changed = await save(world, ana, anas, { footer: 'off' });
    expect(changed.errors).toEqual({});
    const { team } = world.slack;
    expect(await stored(world)).toEqual([
      `workspace ${team} footer = off`,
      `workspace ${team} instructions = Be brief.`,
      `workspace ${team} max_tokens = 3000`,
    ]);

    const one = await openSettings(world, ana, 'workspace');
    const two = await openSettings(world, ben, 'workspace');
    await save(world, ben, two, { max_tokens: '4000' });
    await save(world, ana, one, { max_tokens: '5000' });
    const asked = await filled(world, ana, one.hash);
    expect(textOf(asked)).toContain('Somebody else changed this while you had it open.');
    expect(textOf(asked)).toContain('Ben Okafor set Longest answer (tokens) to “4000”.');
    expect(field(asked, 'max_tokens')).toEqual(field(one, 'max_tokens'));
    expect(await stored(world)).toContain(`workspace ${team} max_tokens = 4000`);
    await save(world, ana, asked, { max_tokens: '5000' });
    expect(await stored(world)).toContain(`workspace ${team} max_tokens = 5000`);
  });

  it('saves nothing for somebody who was admin when it opened and is not any more', async () => {
    const world = await startCalmWorld();
    setAdmin(world, ben, true);
    const view = await openSettings(world, ben, 'workspace');
    setAdmin(world, ben, false);
    await save(world, ben, view, { footer: 'off' });
    const after = world.slack.workspace.views.get(view.id);
    expect(after && textOf(after)).toContain('Only admins of this workspace may do that. Nothing was saved.');
    expect(await stored(world)).toEqual([]);
  });

  it('shows the workspace to a member without a way to change it', async () => {
    const world = await startCalmWorld();
    const view = await openSettings(world, ben);
    await world.slack.interactions.clickView(ben, view.id, { actionId: 'settings_scope_workspace' });
    const turned = await filled(world, ben, view.hash);
    expect(textOf(turned)).toContain('Only admins of this workspace may do that.');
    expect(textOf(turned)).toContain('Who may ask');
    expect(turned.content.submit).toBeUndefined();
    expect(blocksOf(turned).filter(({ type }) => type === 'input')).toEqual([]);
  });

  it('lets nobody lift a limit that somebody else set, whatever the form is made to say', async () => {
    const world = await startCalmWorld();
    await query(
      world,
      `insert into skein.settings (team, scope, scope_id, key, value, set_by) values ($1, 'person', $2, 'budget_month', '$5.00', $3)`,
      [world.slack.team, ben, ana],
    );
    const view = await openSettings(world, ben);
    const saved = await save(world, ben, view, { budget_month: '$500' });
    expect(Object.values(saved.errors)).toEqual([
      'Somebody else set this limit, so only an admin of this workspace may change it.',
    ]);
  });

  it.each([
    ['another scope', (text: string) => text.replace('person', 'workspace')],
    ['a channel that the person is not in', () => JSON.stringify(['channel', 'C0LAUNCH', null, 0, 0, 1, ''])],
  ])('does not believe its own metadata: %s', async (_, forge) => {
    const world = await startCalmWorld();
    const view = await openSettings(world, chidi);
    const forged = forge(String(view.content.private_metadata));
    const value = { ...view, content: { ...view.content, private_metadata: forged } };
    world.slack.workspace.put({ table: 'view', key: view.id, value });
    await save(world, chidi, view, { footer: 'off' });
    const after = world.slack.workspace.views.get(view.id);
    expect(after && textOf(after)).toContain('Nothing was saved.');
    expect(await stored(world)).toEqual([]);
  });

  it('says before another tab is turned to that what was entered is not saved, and keeps it in its fields', async () => {
    const world = await startCalmWorld();
    const first = await openSettings(world, ana);
    const typed = {
      [field(first, 'footer').block]: { settings_value: 'off' },
      [field(first, 'ping_after').block]: { settings_value: 'soon' },
    };
    const turn = (view: typeof first, values?: typeof typed) =>
      world.slack.interactions.clickView(ana, view.id, { actionId: 'settings_scope_workspace' }, values);
    await turn(first, typed);
    const warned = await filled(world, ana, first.hash);
    expect(textOf(warned)).toContain(
      '*Not saved yet: Line under an answer, Ping after.* Save first, or press “Workspace” once more',
    );
    // The same fields under the same names: Slack keeps what was typed in them.
    for (const block of Object.keys(typed))
      expect(blocksOf(warned).map(({ block_id }) => block_id)).toContain(block);
    // More was typed since, so it is said again.
    const more = { ...typed, [field(warned, 'max_tokens').block]: { settings_value: '2000' } };
    await turn(warned, more);
    const again = await filled(world, ana, warned.hash);
    expect(textOf(again)).toContain('Not saved yet: Longest answer');
    await turn(again, more);
    const turned = await filled(world, ana, again.hash);
    expect(textOf(turned)).toContain('Settings of the whole workspace.');
    expect(textOf(turned)).not.toContain('Not saved yet');
    expect(await stored(world)).toEqual([]);
  });

  it('turns to another tab at once where nothing was entered, also when somebody else changed something', async () => {
    const world = await startCalmWorld();
    const view = await openSettings(world, ana);
    await skein(world, ana, 'D0ANA', 'set footer off me');
    await world.slack.interactions.clickView(ana, view.id, { actionId: 'settings_scope_workspace' });
    const turned = await filled(world, ana, view.hash);
    expect(textOf(turned)).toContain('Settings of the whole workspace.');
  });

  it('is saved by a bot that was started after it had been opened', async () => {
    const world = await startCalmWorld();
    const view = await openSettings(world, ben);
    await world.restart();
    await save(world, ben, view, { footer: 'off' });
    expect(await stored(world)).toEqual([`person ${ben} footer = off`]);
  });

  it('says so when the database does not answer in time, and a second press saves it once', async () => {
    const world = await startCalmWorld();
    const view = await openSettings(world, ben);
    world.gate.shut();
    const late = await save(world, ben, view, { footer: 'off' });
    expect(Object.values(late.errors).join()).toContain('may not be saved');
    await world.gate.open();
    await expect
      .poll(async () => (await save(world, ben, view, { footer: 'off' }).catch(() => null))?.errors)
      .toEqual({});
    expect(await stored(world)).toEqual([`person ${ben} footer = off`]);
    const changes = await query(world, 'select 1 from skein.setting_changes');
    expect(changes).toHaveLength(1);
  });

  it('shows a guest nothing of the workspace and the channel, and lets them change their own', async () => {
    const world = await startCalmWorld();
    await skein(world, ana, general, 'set instructions "The secret." workspace');
    await world.slack.slash(dana, general, '/skein', 'settings');
    const view = await filled(world, dana);
    expect(textOf(view)).toContain('guests');
    await world.slack.interactions.clickView(dana, view.id, { actionId: 'settings_scope_workspace' });
    const wide = await filled(world, dana, view.hash);
    for (const seen of [view, wide]) {
      expect(textOf(seen)).not.toContain('secret');
      expect(textOf(seen)).not.toContain('Who may ask');
    }
    await world.slack.interactions.clickView(dana, wide.id, { actionId: 'settings_scope_person' });
    const own = await filled(world, dana, wide.hash);
    await save(world, dana, own, { footer: 'off' });
    expect(await stored(world)).toContain(`person ${dana} footer = off`);
    expect(textOf(await openHome(world, dana))).not.toContain('secret');
  });

  it('lists the bots that may ask with their names, for admins to change', async () => {
    const world = await startCalmWorld();
    const bot = person('U0DEPLOYS', 'deploys', 'Deploys');
    world.slack.workspace.put({ table: 'person', key: bot.id, value: bot });
    await world.slack.slash(ana, general, '/skein', 'settings');
    const view = await filled(world, ana);
    const wrong = await save(world, ana, view, { bots: '@deploys' });
    expect(Object.values(wrong.errors)).toEqual([
      'Use mentions of bots, or their ids such as U012ABCDEF or A012ABCDEF, or none.',
    ]);
    await save(world, ana, view, { bots: 'U0DEPLOYS, A0ALERTS' });
    expect(await stored(world)).toEqual([`channel ${general} bots = U0DEPLOYS, A0ALERTS`]);
    const shown = await skein(world, ben, general, 'show');
    expect(shown.visible).toMatch(/bots.*Deploys \(U0DEPLOYS\), A0ALERTS.*channel.*Ana Ruiz/);
    await world.slack.slash(ben, general, '/skein', 'settings');
    const bens = await filled(world, ben);
    expect(() => field(bens, 'bots')).toThrow('no field bots');
    const refused = await skein(world, ben, general, 'set bots none');
    expect(refused.visible).toContain('Only admins of this workspace may do that.');
  });

  it.each(['internal_error', 'invalid_arguments'])(
    'that Slack does not open (%s) is told in the Home tab',
    async (error) => {
      const world = await startCalmWorld();
      const home = await openHome(world, ben);
      world.slack.faults.add({ method: 'views.open', fault: { kind: 'error', error } });
      await world.slack.interactions.clickView(ben, home.id, { actionId: 'home_settings_person' });
      const told = await world.slack.waitForView(
        (view) => view.kind === 'home' && view.user === ben && view.hash !== home.hash,
      );
      expect(textOf(told)).toContain('Slack did not open the form.');
    },
  );

  it('that Slack opens no more is told in the Home tab instead', async () => {
    const world = await startCalmWorld({ slack: { triggerMs: -1 } });
    const home = await openHome(world, ben);
    await world.slack.interactions.clickView(ben, home.id, { actionId: 'home_settings_person' });
    const told = await world.slack.waitForView(
      (view) => view.kind === 'home' && view.user === ben && view.hash !== home.hash,
    );
    expect(textOf(told)).toContain('That took longer than Slack waits.');
  });
});

function option(value: string) {
  return { text: { type: 'plain_text', text: value }, value };
}
