import { describe, expect, it } from 'vitest';
import { ana, client, eventsOf, general, refusal, standin, steppedClock } from './support.ts';

async function started(options: Parameters<typeof standin>[0] = {}) {
  const slack = await standin(options);
  const web = client(slack);
  const { ts: thread_ts } = slack.say(ana, general, 'question');
  const start = { channel: general, thread_ts, recipient_user_id: ana, recipient_team_id: slack.team };
  const { ts } = await web.chat.startStream({ ...start, markdown_text: 'One ' });
  return { slack, web, thread_ts, at: { channel: general, ts: String(ts) } };
}

describe('a native stream', () => {
  it('grows, ends, and is then an ordinary message that can be edited', async () => {
    const { slack, web, at } = await started();
    await web.chat.appendStream({ ...at, markdown_text: 'two ' });
    await web.chat.appendStream({ ...at, chunks: [{ type: 'markdown_text', text: 'three' }] });
    expect(await refusal(web.chat.update({ ...at, text: 'x' }))).toBe('streaming_state_conflict');
    const blocks = [{ type: 'context', elements: [{ type: 'mrkdwn', text: 'footer' }] }];
    await web.chat.stopStream({ ...at, blocks });
    const message = await slack.waitForMessage(({ streaming }) => streaming?.state === 'completed');
    expect(message.visible).toBe('One two three\nfooter');
    expect(
      slack
        .history(general, at.ts)
        .map(({ text }) => text)
        .slice(0, 3),
    ).toEqual(['One ', 'One two ', 'One two three']);
    expect(await refusal(web.chat.appendStream({ ...at, markdown_text: 'x' }))).toBe(
      'message_not_in_streaming_state',
    );
    expect(await refusal(web.chat.update({ ...at, text: 'edited' }))).toBe('ok');
  });

  it('needs a thread that exists, and in channels the person it is for', async () => {
    const { slack, web, thread_ts } = await started();
    const start = (args: object) => refusal(web.apiCall('chat.startStream', { channel: general, ...args }));
    const recipient = { recipient_user_id: ana, recipient_team_id: slack.team };
    expect(await start(recipient)).toBe('invalid_thread_ts');
    expect(await start({ thread_ts, recipient_team_id: slack.team })).toBe('missing_recipient_user_id');
    expect(await start({ thread_ts, recipient_user_id: ana })).toBe('missing_recipient_team_id');
    const direct = slack.dm(ana, 'hi');
    expect(await start({ channel: direct.channel, thread_ts: direct.ts })).toBe('ok');
  });

  it.each([
    [
      'text and chunks at once',
      { markdown_text: 'a', chunks: [] },
      'cannot_provide_both_markdown_text_and_chunks',
    ],
    ['12,001 characters in one call', { markdown_text: 'x'.repeat(12_001) }, 'msg_too_long'],
    ['more than 12,000 altogether', { markdown_text: 'x'.repeat(11_997) }, 'msg_too_long'],
    ['an unknown chunk', { chunks: [{ type: 'song' }] }, 'invalid_chunks'],
    ['nothing', {}, 'no_text'],
  ])('refuses %s', async (_, args, code) => {
    const { web, at } = await started();
    expect(await refusal(web.apiCall('chat.appendStream', { ...at, ...args }))).toBe(code);
  });

  it.each([
    ['from its start, however busy', 'start', 'message_not_in_streaming_state'],
    ['from its last append, where so set', 'last_append', 'ok'],
  ] as const)('leaves the streaming state after its time, counted %s', async (_, expiryFrom, code) => {
    const clock = steppedClock();
    const { slack, web, at } = await started({ clock, streams: { expiryFrom } });
    clock.advance(200_000);
    await web.chat.appendStream({ ...at, markdown_text: 'two ' });
    clock.advance(200_000);
    expect(await refusal(web.chat.appendStream({ ...at, markdown_text: 'three' }))).toBe(code);
    expect(slack.workspace.message(general, at.ts)?.streaming?.state).toBe(
      code === 'ok' ? 'in_progress' : 'errored',
    );
  });

  it('is stopped by a person: an event tells it and appends are refused', async () => {
    const { slack, web, at, thread_ts } = await started();
    slack.people.stopStream(ana, general, at.ts);
    expect(await refusal(web.chat.appendStream({ ...at, markdown_text: 'x' }))).toBe('stopped_by_user');
    expect(eventsOf(slack).at(-1)).toMatchObject({
      type: 'agent_session_stopped',
      user: ana,
      thread_ts,
      streaming_message_ts: [at.ts],
    });
    expect(await refusal(web.chat.stopStream(at))).toBe('ok');
  });
});
