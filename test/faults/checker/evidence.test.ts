import { expect, it } from 'vitest';
import { acknowledgedIn, isNotice, keyOf, textIn } from './evidence.ts';

const QUESTION = { type: 'app_mention', channel: 'C1', ts: '1.000000' };
const attempt = (at: number, outcome = 'acked') => ({
  at,
  carrier: 'http' as const,
  retryNum: 0,
  retryReason: '',
  outcome,
  tookMs: 5,
  response: null,
});
const delivery = (event: object, ...attempts: ReturnType<typeof attempt>[]) => ({
  payload: { event: { ...event } },
  attempts,
});

it('a question counts as acknowledged from its first acknowledgement, whichever of its two events had it', () => {
  const acknowledged = acknowledgedIn(
    [
      delivery(QUESTION, attempt(100, 'timeout'), attempt(400)),
      delivery({ ...QUESTION, type: 'message' }, attempt(300)),
    ],
    1_000,
  );
  expect([...acknowledged]).toEqual([[keyOf('C1', '1.000000'), 1_305]]);
});

it('an acknowledged edit says nothing about the question, which may be on its way still', () => {
  const edited = { user: 'U1', ts: '1.500000' };
  const acknowledged = acknowledgedIn(
    [
      delivery({ ...QUESTION, edited }, attempt(100)),
      delivery({ type: 'message', subtype: 'message_changed', channel: 'C1', ts: '2.000000' }, attempt(100)),
      delivery(QUESTION, attempt(100, 'timeout')),
    ],
    0,
  );
  expect([...acknowledged]).toEqual([]);
});

it('an answer reads the same whether its table is Markdown or a block', () => {
  const markdown = 'Before.\n\n| name | count |\n| --- | ---: |\n| kelp | 7 |\n\nAfter.';
  const raw = (text: string) => ({ type: 'raw_text', text });
  const blocks = [
    { type: 'markdown', text: 'Before.' },
    {
      type: 'table',
      column_settings: [{ align: 'left' }, { align: 'right' }],
      rows: [
        [raw('name'), raw('count')],
        [raw('kelp'), raw('7')],
      ],
    },
    { type: 'markdown', text: 'After.' },
    { type: 'actions', elements: [] },
  ];
  expect(textIn(blocks)).toBe(markdown);
  expect(textIn([{ type: 'markdown', text: markdown }])).toBe(markdown);
});

it('a line in a direct message is no answer unless it has words of one, stands in a thread, or can be pressed', () => {
  const line = {
    channel: 'D0ANA',
    threadTs: null,
    metadata: null,
    text: 'This takes longer than usual.',
    blocks: [],
  };
  const said = ['AmberbasincedarAndthatisallthereistosay'];
  expect(isNotice(line, said)).toBe(true);
  for (const other of [
    { text: 'Amber basin' },
    { text: 'Thinking…' },
    { text: '' },
    { threadTs: '1.0' },
    { channel: 'C0GENERAL' },
    { blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'reply_stop' }] }] },
  ])
    expect(isNotice({ ...line, ...other }, said)).toBe(false);
});
