import { describe, expect, it } from 'vitest';
import { skein, startCalmWorld } from './slash.ts';
import { ben, finishedReply, general } from './world.ts';

const lab = 'C0LAUNCH';
const direct = 'D0BEN';

type Step = readonly [what: string, user: string, channel: string, typed: string, answer: RegExp];

/** The verbs that one uses now and then, right and wrong, in an order in which later ones see what earlier ones did. */
const STEPS: readonly Step[] = [
  ['models with prices', ben, general, 'models', /claude-sonnet-4-6.*\$3\.00 \/ \$15\.00.*in use here/],
  ['models takes nothing', ben, general, 'models now', /Nothing follows models\./],
  ['no budget yet', ben, general, 'budget', /No budget holds here\. You spent \$0\.00\d+ today/],
  ['a budget that is no amount', ben, general, 'budget lots', /Use an amount of US dollars such as \$50/],
  ['a budget of somebody else', ben, general, 'budget $5 workspace', /Only admins/],
  ['a budget of one’s own', ben, general, 'budget $5 month me', /budget_month for you is now \$5\.00/],
  ['the budget that holds', ben, general, 'budget', /you \| month \| \$5\.00 \| \$0\.00\d+ \|/],
  ['show where it comes from', ben, general, 'show', /budget_month \| \$5\.00 \| me \| Ben Okafor/],
  ['show one scope', ben, general, 'show me', /Set for you.*budget_month \| \$5\.00/s],
  ['show a scope without anything', ben, general, 'show channel', /Nothing is set for #general\./],
  ['show a strange scope', ben, general, 'show everything', /Say me, channel or workspace at the end\./],
  [
    'show where one is not',
    'U0CHIDI',
    general,
    `show <#${lab}|launch>`,
    /Only people who are in that channel/,
  ],
  ['reset nothing', ben, general, 'reset', /Say which setting\./],
  ['reset a strange setting', ben, general, 'reset budget_year', /I do not know that setting\..*\/skein/],
  ['reset at a scope without it', ben, general, 'reset footer', /footer is not set for #general\./],
  ['reset what is not one’s own', ben, general, 'reset model workspace', /Only admins/],
  ['set what is so', ben, general, 'set budget_month $5 me', /budget_month for you is \$5\.00 already\./],
  ['reset', ben, general, 'reset budget_month me', /budget_month.*is not set any more \(it was \$5\.00\)/],
  ['no context yet', ben, direct, 'context', /There is no conversation with me here yet\./],
  ['context', ben, general, 'context', /1 message of 1 person and 1 answer.*1,000,000 tokens/s],
  ['context takes nothing', ben, general, 'context all', /Nothing follows context\./],
  ['nothing to export', ben, direct, 'export', /There is no conversation with me here yet\./],
  ['export', ben, general, 'export', /I sent you 1 conversation as a file/],
  ['export takes nothing', ben, general, 'export csv', /Nothing follows export\./],
  ['export is never public', ben, general, 'export --public', /The answer to export is for you only\./],
];

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  it('the rarer commands answer the asker alone, right and wrong', async () => {
    const world = await startCalmWorld({ mode, script: () => ({ text: 'An answer.' }) });
    const { ts } = world.slack.say(ben, general, '@skein hello');
    await finishedReply(world, general, ts);
    for (const [what, user, channel, typed, answer] of STEPS) {
      const said = await skein(world, user, channel, typed);
      expect.soft(said.visible, `${what}: /skein ${typed}`).toMatch(answer);
      expect.soft(said.ephemeralFor, what).toBe(user);
    }
    const [file] = [...world.slack.workspace.files.values()];
    expect(Buffer.from(file?.base64 ?? '', 'base64').toString()).toContain('An answer.');
  });

  it('what may be public is shown to everybody when that is asked for', async () => {
    const world = await startCalmWorld({ mode });
    for (const typed of ['models --public', 'budget --public', 'show --public']) {
      const shown = await skein(world, ben, general, typed);
      expect(shown.ephemeralFor, typed).toBeNull();
    }
  });
});
