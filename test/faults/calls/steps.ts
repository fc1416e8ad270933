import type { When } from '../steps.ts';

/** Statements of the life of a call, by what they begin with or contain. */
export const CALL_STATEMENTS = [
  ['add_calls', /insert into skein\.tool_calls/],
  ['begin_run', /update skein\.tool_calls set state = 'running'/],
  ['end_run', /update skein\.tool_calls set state = \$\d+, result = /],
  ['card_intent', /update skein\.tool_calls set card_intent = coalesce/],
  ['decide', /update skein\.tool_calls t set state = \$\d+, decided_by = /],
  ['begin_wait', /update skein\.replies set waits_for = /],
] as const;

/** Moments on the way of a call that may change something, until its result goes back to the model. */
export const CALL_MOMENTS: readonly `${string}:${When}`[] = [
  ...([
    'add_calls:before',
    'add_calls:after',
    'card_intent:after',
    'card_post:before',
    'card_post:after',
  ] as const),
  ...([
    'begin_wait:before',
    'begin_wait:after',
    'decide:after',
    'commit_press:before',
    'commit_press:after',
  ] as const),
  ...(['begin_run:before', 'begin_run:after', 'tool_request:before', 'tool_request:after'] as const),
  ...(['end_run:before', 'end_run:after', 'model_round:before', 'model_round:after'] as const),
];
