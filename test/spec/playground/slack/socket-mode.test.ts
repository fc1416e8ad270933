import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { objectOf } from '../../../../playground/slack/json.ts';
import { ana, bolt, general, postButton, rawSocket, standin, steppedClock } from './support.ts';

describe('Socket Mode with a real Bolt app', () => {
  it('carries a mention to the app, and its post and edits back', async () => {
    const slack = await standin();
    await bolt(slack, (app) => {
      app.event('app_mention', async ({ event, client }) => {
        const thread = { channel: event.channel, thread_ts: event.thread_ts ?? event.ts };
        const { ts } = await client.chat.postMessage({ ...thread, text: 'thinking…' });
        await client.chat.update({ channel: event.channel, ts: String(ts), markdown_text: '**four**' });
      });
    });
    const { ts } = slack.say(ana, general, '@skein two and two?');
    const answer = await slack.waitForMessage(({ visible }) => visible === '**four**');
    expect(answer).toMatchObject({ threadTs: ts, botId: slack.botId });
    expect(slack.history(general, answer.ts).map(({ text }) => text)).toEqual(['thinking…', '**four**']);
    expect(slack.thread(general, ts)).toHaveLength(2);
    await slack.waitForDelivery(({ payload, state }) => {
      return objectOf(payload.event).type === 'app_mention' && state === 'acked';
    });
  });

  it('carries a click, and what respond() says replaces the message', async () => {
    const slack = await standin();
    const app = await bolt(slack, (listening) => {
      listening.action('again', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'replaced' });
      });
    });
    const target = { channel: general, ts: await postButton(app, 'again'), actionId: 'again' };
    expect(await slack.click(ana, target)).toMatchObject({ acked: true });
    await slack.waitForMessage(({ ts, visible }) => ts === target.ts && visible === 'replaced');
    await expect(slack.click(ana, { ...target, actionId: 'gone' })).rejects.toThrow(/nothing to click/);
  });

  it('carries a slash command, shows its answer to the asker alone, and opens a modal', async () => {
    const slack = await standin();
    await bolt(slack, (app) => {
      app.command('/skein', async ({ ack, command, client }) => {
        await ack({ text: `you typed ${command.text}` });
        const title = { type: 'plain_text' as const, text: 'Settings' };
        const input = { type: 'plain_text_input' as const, action_id: 'a' };
        const view = {
          type: 'modal' as const,
          callback_id: 'settings',
          title,
          submit: { type: 'plain_text' as const, text: 'Save' },
          blocks: [{ type: 'input' as const, block_id: 'b', label: title, element: input }],
        };
        await client.views.open({ trigger_id: command.trigger_id, view });
      });
      app.view('settings', async ({ ack, view }) => {
        const value = view.state.values.b?.a?.value;
        if (value === 'bad') await ack({ response_action: 'errors', errors: { b: 'not that' } });
        else await ack();
      });
    });
    expect(await slack.slash(ana, general, '/skein', 'show')).toMatchObject({ acked: true });
    await slack.waitForMessage(
      ({ ephemeralFor, visible }) => ephemeralFor === ana && visible === 'you typed show',
    );
    const view = await slack.waitForView(({ kind, open, user }) => kind === 'modal' && open && user === ana);
    const refused = await slack.interactions.submitView(ana, view.id, { b: { a: 'bad' } });
    expect(refused.response).toEqual({ response_action: 'errors', errors: { b: 'not that' } });
    expect(slack.workspace.views.get(view.id)?.open).toBe(true);
    await slack.interactions.submitView(ana, view.id, { b: { a: 'good' } });
    expect(slack.workspace.views.get(view.id)?.open).toBe(false);
  });

  it('streams through the SDK helper', async () => {
    const slack = await standin();
    await bolt(slack, (app) => {
      app.event('app_mention', async ({ sayStream, setStatus }) => {
        await setStatus('is thinking…');
        const stream = sayStream({ buffer_size: 1 });
        await stream.append({ markdown_text: 'Hello ' });
        await stream.append({ markdown_text: 'world' });
        await stream.stop();
      });
    });
    const { ts } = slack.say(ana, general, '@skein hi');
    await slack.waitForMessage(
      ({ visible, streaming }) => visible === 'Hello world' && streaming?.state === 'completed',
    );
    expect(slack.threads.status(general, ts)).toBe('');
    expect(slack.calls('assistant.threads.setStatus')).toMatchObject([{ ok: true }]);
  });

  it('takes the app back after a disconnect frame and delivers what was said meanwhile', async () => {
    const slack = await standin();
    const heard: string[] = [];
    const listen = (app: App) => {
      app.message(async ({ message }) => {
        heard.push(message.ts);
      });
    };
    await bolt(slack, listen, 500);
    slack.sockets.disconnect('refresh_requested');
    await slack.waitForSockets(0);
    const { ts } = slack.say(ana, general, 'anyone there?');
    await slack.waitForDelivery(
      ({ payload, state }) => state === 'acked' && objectOf(payload.event).ts === ts,
    );
    expect(heard).toContain(ts);
  });
});

describe('Socket Mode, frame by frame', () => {
  it('greets with hello, takes a ticket once, and refuses a connection without one', async () => {
    const slack = await standin();
    const socket = await rawSocket(slack);
    expect(await socket.next(({ type }) => type === 'hello')).toMatchObject({
      num_connections: 1,
      connection_info: { app_id: slack.appId },
    });
    const answer = await fetch(`${slack.url}link/?ticket=ticket-1`);
    expect(answer.status).toBe(404);
  });

  it('delivers an event again when it is not acknowledged: nearly at once, after 1 and after 5 minutes', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock });
    const socket = await rawSocket(slack);
    await socket.next(({ type }) => type === 'hello');
    slack.say(ana, general, 'nobody answers');
    const attempt = (number: number) => socket.next(({ retry_attempt }) => retry_attempt === number);
    const outcome = (count: number) =>
      slack.waitForDelivery(
        ({ attempts }) => attempts.filter((one) => one.outcome === 'timeout').length === count,
      );
    expect(await attempt(0)).toMatchObject({
      type: 'events_api',
      retry_reason: '',
      accepts_response_payload: false,
    });
    for (const [number, wait] of [100, 60_000, 300_000].entries()) {
      clock.advance(3_000);
      await outcome(number + 1);
      clock.advance(wait - 1);
      expect(socket.frames.some(({ retry_attempt }) => retry_attempt === number + 1)).toBe(false);
      clock.advance(1);
      expect(await attempt(number + 1)).toMatchObject({ retry_reason: 'timeout' });
    }
    clock.advance(3_000);
    await slack.waitForDelivery(({ state }) => state === 'given_up');
    expect(slack.workspace.owed.size).toBe(0);
  });

  it('sends each event to one of the connections in turn', async () => {
    const slack = await standin();
    const first = await rawSocket(slack);
    const second = await rawSocket(slack);
    await slack.waitForSockets(2);
    slack.say(ana, general, 'one');
    slack.say(ana, general, 'two');
    await first.next(({ type }) => type === 'events_api');
    await second.next(({ type }) => type === 'events_api');
  });

  it('delivers an event again, to another connection, when the one that had it is lost', async () => {
    const slack = await standin({ retrySchedule: [1] });
    const first = await rawSocket(slack);
    await slack.waitForSockets(1);
    slack.say(ana, general, 'hello');
    await first.next(({ type }) => type === 'events_api');
    const second = await rawSocket(slack);
    await slack.waitForSockets(2);
    first.close();
    expect(await second.next(({ type }) => type === 'events_api')).toMatchObject({ retry_attempt: 1 });
  });

  it('keeps events for an app that is not connected', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, 'early');
    const socket = await rawSocket(slack);
    expect(await socket.next(({ type }) => type === 'events_api')).toMatchObject({
      payload: { event: { ts } },
    });
  });

  it('duplicates, delays and loses events on demand', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock, retrySchedule: [] });
    const socket = await rawSocket(slack);
    await slack.waitForSockets(1);
    const text = (frame: Record<string, unknown>) => JSON.stringify(frame);
    slack.disturb({ copies: 2 });
    slack.say(ana, general, 'twice');
    clock.advance(0);
    slack.disturb({ delayMs: 1_000 });
    slack.say(ana, general, 'late');
    slack.disturb({ lost: true });
    slack.say(ana, general, 'lost');
    slack.say(ana, general, 'straight');
    await socket.next((frame) => text(frame).includes('straight'));
    expect(socket.frames.filter((frame) => text(frame).includes('twice'))).toHaveLength(2);
    expect(socket.frames.filter((frame) => text(frame).includes('late'))).toHaveLength(0);
    clock.advance(1_000);
    await socket.next((frame) => text(frame).includes('late'));
    expect(socket.frames.filter((frame) => text(frame).includes('lost'))).toHaveLength(0);
  });

  it('counts an event as acknowledged, however late its copies leave', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock });
    const socket = await rawSocket(slack);
    await slack.waitForSockets(1);
    slack.disturb({ copies: 2 });
    slack.say(ana, general, 'twice');
    const events = () => socket.frames.filter(({ type }) => type === 'events_api');
    const first = await socket.next(({ type }) => type === 'events_api');
    socket.send({ envelope_id: first.envelope_id });
    await slack.waitForDelivery(({ state }) => state === 'acked');
    clock.advance(0);
    await socket.next(() => events().length === 2);
    expect(slack.deliveries().map(({ state }) => state)).toEqual(['acked']);
  });

  it('passes malformed envelopes through as they are', async () => {
    const slack = await standin();
    const socket = await rawSocket(slack);
    await slack.waitForSockets(1);
    expect(
      slack.sendEnvelope({ type: 'events_api', envelope_id: 'x', payload: { type: 'app_rate_limited' } }),
    ).toBe(1);
    await socket.next(({ envelope_id }) => envelope_id === 'x');
  });

  it('refuses the eleventh connection', async () => {
    const slack = await standin();
    for (let n = 0; n < 10; n += 1) await rawSocket(slack);
    await slack.waitForSockets(10);
    const eleventh = await rawSocket(slack);
    expect(await eleventh.next(({ type }) => type === 'disconnect')).toMatchObject({
      reason: 'too_many_websockets',
    });
    await eleventh.closed;
  });

  it('cuts connections without a close frame', async () => {
    const slack = await standin();
    const socket = await rawSocket(slack);
    await slack.waitForSockets(1);
    slack.sockets.cut();
    expect(await socket.closed).toBe(1006);
    await slack.waitForSockets(0);
  });

  it.each([
    ['leaves a close frame unanswered while told so', true],
    ['answers a close frame otherwise', false],
  ])('%s', async (_, unansweredClose) => {
    const slack = await standin();
    slack.sockets.faults.unansweredClose = unansweredClose;
    const socket = await rawSocket(slack);
    await socket.next(({ type }) => type === 'hello');
    const ignored = new Promise<string>((resolve) =>
      slack.sockets.ignoredCloses.listen(() => resolve('ignored')),
    );
    const closed = socket.closed.then(() => 'closed');
    socket.close();
    expect(await Promise.race([ignored, closed])).toBe(unansweredClose ? 'ignored' : 'closed');
    expect(slack.sockets.count).toBe(unansweredClose ? 1 : 0);
  });

  it('says hello late while told so', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock });
    slack.sockets.faults.helloDelayMs = 5_000;
    const socket = await rawSocket(slack);
    await socket.opened;
    clock.advance(4_999);
    expect([socket.frames, slack.sockets.count]).toEqual([[], 0]);
    clock.advance(1);
    await socket.next(({ type }) => type === 'hello');
  });

  it.each([
    ['answers pings', false],
    ['leaves pings unanswered while told so', true],
  ])('%s', async (_, noPong) => {
    const slack = await standin();
    slack.sockets.faults.noPong = noPong;
    const socket = await rawSocket(slack);
    await socket.next(({ type }) => type === 'hello');
    socket.ping();
    // The server reads frames in order: once it has acknowledged the event, it has seen the ping.
    slack.say(ana, general, 'after the ping');
    const event = await socket.next(({ type }) => type === 'events_api');
    socket.send({ envelope_id: event.envelope_id, payload: {} });
    await slack.waitForDelivery(({ state }) => state === 'acked');
    slack.sockets.raw(JSON.stringify({ type: 'mark' }));
    await socket.next(({ type }) => type === 'mark');
    expect(socket.pongs()).toBe(noPong ? 0 : 1);
  });
});
