import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure, setUp } from './stage.ts';

it('one message is posted and then edited, and its last look always arrives', async () => {
  const { clock, show, finish, sent, turns, placed } = setUp();
  await clock.advance(100);
  show('One');
  await clock.advance(100);
  show('One two');
  await clock.advance(100);
  expect(await finish('One two three')).toBe('shown');
  expect(sent.map(({ method, markdown }) => `${method} ${markdown}`)).toEqual([
    'post Thinking',
    'update One',
    'update One two',
    'update One two three',
  ]);
  expect(sent.at(-1)?.notice).toBe('Done.');
  expect(turns).toEqual(['post', 'interim', 'interim', 'final']);
  expect(placed).toEqual([[0, 'ts0.0']]);
});

it('the first words have their own turn, after a placeholder without words', async () => {
  const { clock, show, turns, events } = setUp({ looks: [''] });
  await clock.advance(100);
  show('First words');
  await clock.advance(100);
  show('First words and more');
  await clock.advance(100);
  expect(turns).toEqual(['post', 'first', 'interim']);
  expect(events).toEqual(['first text']);
});

it('nothing is sent when nothing changed', async () => {
  const { clock, publisher, show, sent, finish, state } = setUp();
  await clock.advance(100);
  for (let time = 0; time < 5; time++) publisher.changed();
  show('Thinking');
  await clock.advance(1000);
  expect(sent).toHaveLength(1);
  const before = state.look;
  await finish('Thinking');
  expect(sent).toHaveLength(2);
  expect(state.look).not.toBe(before);
});

it('one call is under way at a time, and what comes meanwhile goes together with the next', async () => {
  const { clock, show, sent, state } = setUp();
  await clock.advance(100);
  for (const text of ['a', 'ab', 'abc', 'abcd']) {
    show(text);
    await clock.advance(10);
  }
  await clock.advance(200);
  expect(state.most).toBe(1);
  expect(sent.map(({ markdown }) => markdown)).toEqual(['Thinking', 'a', 'abcd']);
});

describe('of a reply that is over', () => {
  const content = (markdown: string, notice: string | null = null) => ({ markdown, notice, buttons: [] });
  const known = [
    { index: 0, ts: 'ts0', shows: { content: content('One'), leftover: true } },
    { index: 1, ts: 'ts1', shows: { content: content('Two', 'Done.'), leftover: false } },
  ];

  it('only what it left behind is drawn, without the precedence of a last look', async () => {
    const { finish, publisher, sent, turns } = setUp({ known });
    expect(await finish('One', 'Two')).toBe('shown');
    expect(sent.map(({ method, index, markdown }) => [method, index, markdown])).toEqual([
      ['update', 0, 'One'],
    ]);
    expect(turns).toEqual(['interim']);
    expect(publisher.leftovers()).toEqual([]);
  });

  it.each([
    ['no edit is to spare', null],
    ['Slack asks to slow down', { kind: 'limited', retryAfterMs: 1000 } as const],
    ['Slack fails', failure('failed')],
    ['its outcome is unclear', failure('unclear')],
  ])('it stays to be tidied when %s', async (_when, outcome) => {
    const { finish, publisher, outcomes, sent, state } = setUp({ known });
    if (outcome === null) state.turnMs = 60_000;
    else outcomes.push(outcome);
    expect(await finish('One', 'Two')).toBe('shown');
    expect(sent).toHaveLength(outcome === null ? 0 : 1);
    expect(publisher.leftovers()).toEqual([0]);
  });

  it('what Slack does not take stays as it is', async () => {
    const { finish, publisher, outcomes } = setUp({ known });
    outcomes.push(failure('content_refused'));
    expect(await finish('One', 'Two')).toBe('shown');
    expect(publisher.leftovers()).toEqual([]);
  });
});

it('the end of a text does not wait for the turn of an edit that it replaces', async () => {
  const { clock, show, publisher, state, sent } = setUp();
  await clock.advance(100);
  state.turnMs = 60_000;
  show('Half');
  await clock.advance(100);
  state.look = { segments: [{ content: { markdown: 'Whole', notice: null, buttons: [] }, sealed: false }] };
  const end = publisher.finish();
  await clock.advance(100);
  expect(await end).toBe('shown');
  expect(sent.map(({ markdown }) => markdown)).toEqual(['Thinking', 'Whole']);
});

it('what a reply shows before it is given back has the turn of an edit, and no precedence of an end', async () => {
  const { clock, publisher, state, sent, turns } = setUp();
  await clock.advance(100);
  state.look = {
    segments: [{ content: { markdown: 'Half', notice: 'Waits.', buttons: [] }, sealed: false }],
  };
  const end = publisher.finish({ resting: true });
  await clock.advance(200);
  expect(await end).toBe('shown');
  expect(sent.at(-1)).toMatchObject({ markdown: 'Half', notice: 'Waits.' });
  expect(turns).toEqual(['post', 'interim']);
});

it('segments are posted in order, and a full one is finished before the next begins', async () => {
  const { clock, show, finish, sent } = setUp();
  await clock.advance(100);
  show('first part, full', 'second');
  await clock.advance(500);
  await finish('first part, full', 'second part, full', 'third');
  expect(sent.map(({ method, index, markdown }) => `${method} ${index} ${markdown}`)).toEqual([
    'post 0 Thinking',
    'update 0 first part, full',
    'post 1 second',
    'update 1 second part, full',
    'post 2 third',
  ]);
});

it('what was withdrawn is taken back from every message', async () => {
  const { clock, show, finish, sent, visible } = setUp();
  await clock.advance(100);
  show('part one', 'part two');
  await clock.advance(500);
  await finish('');
  expect(visible()).toEqual(['', '']);
  expect(sent.slice(-2).map(({ notice }) => notice)).toEqual(['Done.', 'Withdrawn.']);
});

describe('an owner that comes after another', () => {
  it('goes on in the messages that are known', async () => {
    const { finish, sent, state } = setUp({ known: [{ index: 0, ts: 'old' }] });
    await finish('text');
    expect(sent.map(({ method }) => method)).toEqual(['update']);
    expect(state.intents).toEqual([]);
  });

  it('looks for a message that may have been posted, and adopts it', async () => {
    const { finish, sent, events, placed, messages } = setUp({ known: [{ index: 0, ts: null }] });
    messages.set('posted before', { index: 0, markdown: 'Thinking', notice: null });
    expect(await finish('text')).toBe('shown');
    expect(events).toContain('find');
    expect(sent.some(({ method }) => method === 'post')).toBe(false);
    expect(placed).toEqual([[0, 'posted before']]);
    expect(messages.size).toBe(1);
  });

  it('posts if it is certain that there is none', async () => {
    const { finish, messages } = setUp({ known: [{ index: 0, ts: null }] });
    await finish('text');
    expect(messages.size).toBe(1);
  });

  it('does not post as long as nobody can tell', async () => {
    const { clock, state, sent, finish, messages } = setUp({ known: [{ index: 0, ts: null }] });
    state.found = 'unknown';
    await clock.advance(60_000);
    expect(sent).toEqual([]);
    state.found = null;
    await finish('text');
    expect(messages.size).toBe(1);
  });
});

describe('after a post whose outcome is unclear', () => {
  it('the message is found and adopted instead of posted twice', async () => {
    const { outcomes, finish, messages, sent, visible, events } = setUp();
    outcomes.push('lands unclear');
    await finish('text');
    expect(events.filter((event) => event === 'find')).toHaveLength(1);
    expect(messages.size).toBe(1);
    expect(visible()).toEqual(['text']);
    expect(sent.filter(({ method }) => method === 'post')).toHaveLength(1);
  });

  it('it is posted again if it is not there, after a moment in which it may still arrive', async () => {
    const { clock, outcomes, sent, events } = setUp();
    outcomes.push(failure('unclear'));
    await clock.advance(1400);
    expect(events).toEqual([]);
    await clock.advance(1000);
    expect(events).toContain('find');
    expect(sent.map(({ method }) => method)).toEqual(['post', 'post']);
  });
});

describe('content that Slack refuses', () => {
  it('is sent once more in the simplest form, at a post and at an edit', async () => {
    for (const first of ['post', 'update']) {
      const { clock, outcomes, show, finish, sent } = setUp();
      if (first === 'update') await clock.advance(100);
      outcomes.push(failure('content_refused'));
      show('text');
      await clock.advance(1000);
      expect(await finish('text')).toBe('shown');
      expect(sent.map(({ as }) => as)).toContain('plain');
    }
  });

  it('in each form is told in words of ours, which is the end of a reply that is shown', async () => {
    const { outcomes, finish, sent, events } = setUp();
    outcomes.push(...Array.from({ length: 3 }, () => failure('content_refused')));
    expect(await finish('text')).toBe('shown');
    expect(sent.map(({ as }) => as)).toEqual([undefined, 'plain', 'text', 'told']);
    expect(events).not.toContain('gone SLACK_FAILED');
  });

  it('also when only that is said ends the reply instead of being tried for ever', async () => {
    const { outcomes, finish, sent, events } = setUp();
    outcomes.push(...Array.from({ length: 4 }, () => failure('content_refused')));
    expect(await finish('text')).toBe('gone');
    expect(events).toContain('gone SLACK_FAILED');
    expect(sent).toHaveLength(4);
  });
});

describe('a long message that Slack refuses', () => {
  const paragraphs = Array.from(
    { length: 60 },
    (_, index) => `Paragraph ${index}: ${'word '.repeat(20)}end.`,
  );
  const long = paragraphs.join('\n\n');

  it.each(['post', 'update'])('at a %s comes in several smaller ones, whole and in order', async (first) => {
    const { clock, outcomes, show, finish, sent, visible } = setUp({
      looks: [first === 'post' ? long : 'Thinking'],
    });
    if (first === 'update') await clock.advance(100);
    outcomes.push(failure('content_refused'));
    show(long);
    await clock.advance(1000);
    expect(await finish(long)).toBe('shown');
    expect(visible().length).toBeGreaterThan(1);
    expect(visible().join('\n\n')).toBe(long);
    expect(sent.some(({ as }) => as)).toBe(false);
  });

  it('however small it becomes is shown as words', async () => {
    const { outcomes, finish, sent } = setUp();
    outcomes.push(...Array.from({ length: 3 }, () => failure('content_refused')));
    expect(await finish(long)).toBe('shown');
    const refused = sent.slice(0, 3).map(({ markdown }) => markdown.length);
    expect(refused).toEqual([...refused].sort((a, b) => b - a));
    expect(new Set(refused).size).toBe(3);
    expect(sent[3]).toMatchObject({ index: 0, as: 'plain', markdown: sent[2]?.markdown });
  });
});

describe('a message that is gone', () => {
  it('ends a reply that has no other', async () => {
    const { clock, outcomes, show, sent, events, finish } = setUp();
    await clock.advance(100);
    outcomes.push(failure('gone'));
    show('text');
    await clock.advance(1000);
    expect(events).toContain('gone SLACK_FAILED');
    expect(await finish('more text')).toBe('gone');
    expect(sent).toHaveLength(2);
  });

  it('is left alone while the reply goes on in its other messages', async () => {
    const { clock, outcomes, show, finish, sent } = setUp();
    await clock.advance(100);
    show('one', 'two');
    await clock.advance(500);
    outcomes.push(failure('gone'));
    show('one!', 'two');
    await clock.advance(500);
    expect(await finish('one!', 'two and the end')).toBe('shown');
    expect(sent.at(-1)).toMatchObject({ index: 1, markdown: 'two and the end' });
  });
});

it('a 429 is told to the pacer, and the same text is sent in a later turn', async () => {
  const { clock, outcomes, limited, finish, visible } = setUp();
  await clock.advance(100);
  outcomes.push({ kind: 'limited', retryAfterMs: 7000 });
  await finish('text');
  expect(limited).toEqual([7000]);
  expect(visible()).toEqual(['text']);
});

it('failures are tried again with growing pauses, and two minutes of them hand the reply over', async () => {
  const { clock, finish, outcomes, sent } = setUp();
  await clock.advance(100);
  for (let time = 0; time < 200; time++) outcomes.push(failure('failed'));
  await expect(finish('text')).rejects.toMatchObject({ code: 'SLACK_UNREACHABLE' });
  expect(sent.length).toBeGreaterThan(10);
  expect(sent.length).toBeLessThan(25);
});

it('while nobody knows who may write nothing is sent, and when it is certain again it goes on', async () => {
  const { clock, state, show, sent } = setUp();
  await clock.advance(100);
  state.held = false;
  show('text');
  await clock.advance(5000);
  expect(sent).toHaveLength(1);
  state.held = true;
  await clock.advance(500);
  expect(sent.at(-1)?.markdown).toBe('text');
});

describe('once the lease is lost', () => {
  it('no call is begun any more', async () => {
    const { clock, state, show, sent, signal } = setUp();
    await clock.advance(100);
    state.held = false;
    show('text');
    await clock.advance(100);
    signal.abort();
    await clock.advance(10_000);
    expect(sent).toHaveLength(1);
  });

  it('the end is not taken for shown', async () => {
    const { clock, state, finish, signal, sent } = setUp();
    await clock.advance(100);
    state.turnMs = 60_000;
    signal.abort();
    await expect(finish('the last words')).rejects.toThrow('handed over');
    expect(sent).toHaveLength(1);
  });
});

it('an abandoned publisher lets the call under way finish and begins no other', async () => {
  const { clock, publisher, show, sent, state } = setUp();
  await clock.advance(100);
  show('text');
  await clock.advance(10);
  expect(state.inFlight).toBe(1);
  const over = publisher.abandon();
  show('more');
  await clock.advance(1000);
  await over;
  expect(sent.map(({ markdown }) => markdown)).toEqual(['Thinking', 'text']);
});

it('whatever Slack answers, the thread shows the last look once, as long as it can be shown', async () => {
  const outcome = fc.constantFrom(
    'lands unclear' as const,
    failure('failed'),
    failure('unclear'),
    { kind: 'limited' as const, retryAfterMs: 2000 },
    'ok' as const,
    'ok' as const,
  );
  const looks = fc.array(
    fc.array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    {
      maxLength: 5,
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(outcome, { maxLength: 7 }),
      looks,
      fc.nat({ max: 600 }),
      async (answers, steps, ms) => {
        const { clock, outcomes, show, finish, visible, messages, state } = setUp();
        const texts: string[] = [];
        for (const answer of answers) if (answer !== 'ok') outcomes.push(answer);
        for (const step of steps) {
          // Segments only grow in number, as the renderer makes them.
          while (texts.length < step.length) texts.push('');
          for (const [index, text] of step.entries()) texts[index] = `${texts[index] ?? ''}${text}`;
          show(...texts);
          await clock.advance(ms);
        }
        const last = texts.length === 0 ? ['x'] : texts;
        expect(await finish(...last)).toBe('shown');
        expect(visible()).toEqual(last);
        expect(messages.size).toBe(last.length);
        expect(state.most).toBe(1);
      },
    ),
    { numRuns: 80 },
  );
});
