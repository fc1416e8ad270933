import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import type { SlackStandin } from '../../../../playground/slack/contract.ts';
import { readFeatures } from '../../../../playground/slack/manifest.ts';
import type { View } from '../../../../playground/slack/records.ts';
import { ana, bolt, client, general, refusal, standin } from './support.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(`The ${value} one`), value });

const blocks = [
  {
    type: 'input' as const,
    block_id: 'name',
    label: plain('Name'),
    element: { type: 'plain_text_input' as const, action_id: 'name', max_length: 5 },
  },
  {
    type: 'input' as const,
    block_id: 'size',
    label: plain('Size'),
    element: {
      type: 'static_select' as const,
      action_id: 'size',
      options: [option('small'), option('large')],
      initial_option: option('small'),
    },
  },
  {
    type: 'input' as const,
    block_id: 'count',
    optional: true,
    label: plain('Count'),
    element: {
      type: 'number_input' as const,
      action_id: 'count',
      is_decimal_allowed: false,
      max_value: '10',
    },
  },
  {
    type: 'input' as const,
    block_id: 'extras',
    optional: true,
    label: plain('Extras'),
    element: { type: 'checkboxes' as const, action_id: 'extras', options: [option('salt'), option('oil')] },
  },
  {
    type: 'input' as const,
    block_id: 'city',
    optional: true,
    label: plain('City'),
    element: { type: 'external_select' as const, action_id: 'city', min_query_length: 0 },
  },
  {
    type: 'actions' as const,
    block_id: 'more',
    elements: [
      { type: 'overflow' as const, action_id: 'menu', options: [option('first'), option('second')] },
    ],
  },
];

const modal = {
  type: 'modal' as const,
  callback_id: 'form',
  private_metadata: 'only for the app',
  title: plain('Form'),
  submit: plain('Send'),
  blocks,
};

/** Opens the form in front of Ana, with listeners for what she does in it. */
async function opened(slack: SlackStandin, listen: (app: App) => void = () => {}): Promise<View> {
  await bolt(slack, (app) => {
    app.command('/form', async ({ ack, command, client }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal });
    });
    listen(app);
  });
  await slack.slash(ana, general, '/form');
  return slack.waitForView(({ open, user }) => open && user === ana);
}

const submissions = (slack: SlackStandin) =>
  slack
    .deliveries()
    .filter(({ payload }) => payload.type === 'view_submission')
    .map(({ payload }) => JSON.parse(JSON.stringify(payload)).view.state.values);

describe('a form', () => {
  it('is not sent while a required field is empty or a value is none, and says so at the fields', async () => {
    const slack = await standin();
    const view = await opened(slack);
    const { errors, acked } = await slack.interactions.submitView(ana, view.id, {
      count: { count: '12' },
    });
    expect(errors).toEqual({
      name: 'Please complete this required field.',
      count: 'Please enter a number that is not above 10.',
    });
    expect(acked).toBe(false);
    const longer = await slack.interactions.submitView(ana, view.id, { name: { name: 'longer' } });
    expect(longer.errors).toEqual({ name: 'Please use at most 5 characters.' });
    const half = await slack.interactions.submitView(ana, view.id, {
      name: { name: 'Ana' },
      count: { count: '1.5' },
    });
    expect(half.errors).toEqual({ count: 'Please enter a whole number.' });
    expect(submissions(slack)).toEqual([]);
    expect(slack.workspace.views.get(view.id)?.open).toBe(true);
  });

  it('carries what was touched and what was left as it was, each in the shape of its input', async () => {
    const slack = await standin();
    const view = await opened(slack, (app) => app.view('form', async ({ ack }) => ack()));
    const sent = await slack.interactions.submitView(ana, view.id, {
      name: { name: 'Ana' },
      extras: { extras: ['oil'] },
      city: { city: 'lisbon' },
    });
    expect(sent).toMatchObject({ acked: true, errors: {} });
    expect(submissions(slack)).toEqual([
      {
        name: { name: { type: 'plain_text_input', value: 'Ana' } },
        size: { size: { type: 'static_select', selected_option: option('small') } },
        count: { count: { type: 'number_input', value: null } },
        extras: { extras: { type: 'checkboxes', selected_options: [option('oil')] } },
        city: {
          city: { type: 'external_select', selected_option: { text: plain('lisbon'), value: 'lisbon' } },
        },
      },
    ]);
    expect(slack.workspace.views.get(view.id)?.open).toBe(false);
  });

  it('can’t hold what it does not offer', async () => {
    const slack = await standin();
    const view = await opened(slack);
    const submit = (values: Parameters<typeof slack.interactions.submitView>[2]) =>
      slack.interactions.submitView(ana, view.id, values);
    await expect(submit({ size: { size: 'huge' } })).rejects.toThrow('size does not offer huge');
    await expect(submit({ age: { age: '7' } })).rejects.toThrow('the view has no input age age');
  });

  it('shows the app’s errors at its fields, and trouble when they are at no field', async () => {
    const slack = await standin();
    const answers = [{ name: 'Taken.' }, { more: 'A menu is no field.' }];
    const view = await opened(slack, (app) =>
      app.view('form', async ({ ack }) => ack({ response_action: 'errors', errors: answers.shift() ?? {} })),
    );
    const submit = () => slack.interactions.submitView(ana, view.id, { name: { name: 'Ana' } });
    expect((await submit()).errors).toEqual({ name: 'Taken.' });
    expect((await submit()).errors).toEqual({ '': 'We had some trouble connecting. Try again?' });
    expect(slack.workspace.views.get(view.id)?.open).toBe(true);
  });

  it('says that there was trouble when the app does not answer in time', async () => {
    const slack = await standin({ ackTimeoutMs: 50 });
    const view = await opened(slack, (app) => app.view('form', async () => {}));
    const sent = await slack.interactions.submitView(ana, view.id, { name: { name: 'Ana' } });
    expect(sent.errors).toEqual({ '': 'We had some trouble connecting. Try again?' });
  });

  it('tells the app which entry of a menu was picked, and what the inputs hold at that moment', async () => {
    const slack = await standin();
    const seen: unknown[] = [];
    const view = await opened(slack, (app) =>
      app.action('menu', async ({ ack, action, body }) => {
        await ack();
        const values = 'view' in body ? body.view?.state.values : undefined;
        seen.push('selected_option' in action ? action.selected_option : null, values?.name?.name?.value);
      }),
    );
    await slack.interactions.clickView(
      ana,
      view.id,
      { actionId: 'menu', value: 'second' },
      { name: { name: 'Ana' } },
    );
    await expect.poll(() => seen).toEqual([option('second'), 'Ana']);
  });
});

describe('an external select', () => {
  it('asks the app for the options of a typed text', async () => {
    const slack = await standin();
    const view = await opened(slack, (app) =>
      app.options('city', async ({ ack, options }) => ack({ options: [option(options.value)] })),
    );
    const ask = (value: string) =>
      slack.interactions.suggest(ana, { viewId: view.id }, { actionId: 'city', value });
    expect(await ask('lis')).toEqual({ acked: true, options: [option('lis')] });
  });

  it.each([
    ['more than a hundred', Array.from({ length: 101 }, (_, index) => option(String(index)))],
    ['one without a value', [{ text: plain('Nowhere'), value: '' }]],
    ['one with a long label', [{ text: plain('x'.repeat(76)), value: 'x' }]],
  ])('takes no options of which there is %s', async (_, options) => {
    const slack = await standin();
    const view = await opened(slack, (app) => app.options('city', async ({ ack }) => ack({ options })));
    const answer = await slack.interactions.suggest(
      ana,
      { viewId: view.id },
      { actionId: 'city', value: '' },
    );
    expect(answer).toEqual({ acked: false, options: [] });
  });
});

describe('a trigger id', () => {
  it('opens nothing when it is too old', async () => {
    const slack = await standin({ triggerMs: -1 });
    const codes: string[] = [];
    await bolt(slack, (app) =>
      app.command('/form', async ({ ack, command, client }) => {
        await ack();
        codes.push(await refusal(client.views.open({ trigger_id: command.trigger_id, view: modal })));
      }),
    );
    await slack.slash(ana, general, '/form');
    await slack.waitForCall(({ method }) => method === 'views.open');
    await expect.poll(() => codes).toEqual(['expired_trigger_id']);
  });
});

describe('the page', () => {
  it('is told of views while they are open, without what the app keeps in them', async () => {
    const slack = await standin();
    const view = await opened(slack, (app) => app.view('form', async ({ ack }) => ack()));
    const [shown] = slack.page.snapshot().views;
    expect(shown).toMatchObject({ id: view.id, user: ana, kind: 'modal', content: { callback_id: 'form' } });
    expect(shown?.values.size?.size).toEqual({ type: 'static_select', selected_option: option('small') });
    expect(JSON.stringify(shown)).not.toContain('only for the app');
    const acted = await slack.page.act({ type: 'submit_view', user: ana, viewId: view.id, values: {} });
    expect(acted).toEqual({ ok: true, errors: { name: 'Please complete this required field.' } });
    await slack.page.act({ type: 'close_view', user: ana, viewId: view.id });
    expect(slack.page.snapshot().views).toEqual([]);
  });

  it('sends commands of the manifest only, with ids in the place of names where the app asked for them', async () => {
    const slack = await standin({ features: readFeatures() });
    const texts: string[] = [];
    await bolt(slack, (app) =>
      app.command('/skein', async ({ ack, command }) => {
        texts.push(command.text);
        await ack();
      }),
    );
    const say = (text: string) =>
      slack.page.act({ type: 'say', user: ana, channel: general, threadTs: null, text });
    expect(await say('/skein usage @ben #engineering #launch me@ben.com')).toEqual({ ok: true });
    expect(texts).toEqual(['usage <@U0BEN|ben> <#C0ENGINEERING|engineering> <#C0LAUNCH|> me@ben.com']);
    expect(await say('/other')).toEqual({ ok: false, error: '/other is not a valid command.' });
  });

  it('has a Home tab only if the manifest says so', async () => {
    const features = { ...readFeatures(), home: false };
    const slack = await standin({ features });
    const view = { type: 'home' as const, blocks: [] };
    expect(await refusal(client(slack).views.publish({ user_id: ana, view }))).toBe('not_enabled');
  });
});
