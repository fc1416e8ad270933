import type { TurnBlock } from '../../conversation/blocks.ts';
import type { CallOutcome, ConnectedTool, ResultPart } from '../../tools/connected.ts';
import { type CallState, MOST_CALL_MS, MOST_CALLS, MOST_INPUT_BYTES, type Refusal } from './rules.ts';
import type { StoredCall } from './store.ts';

/** What Claude is told of calls and of what they gave: said to the model. */

const REFUSED: Readonly<Record<Refusal, (detail: string) => string>> = {
  unknown_tool: () => 'There is no such tool here. Use only the tools that are offered.',
  not_json: () => 'The input was not valid JSON, so nothing was called. Write it again.',
  too_large: () =>
    `The input is larger than ${MOST_INPUT_BYTES} bytes, so nothing was called. Make it shorter.`,
  unfit: (detail) => `The input is not what this tool takes, so nothing was called: ${detail}`,
  too_many: () =>
    `One answer may make ${MOST_CALLS} calls, and these are made. Nothing was called; finish the answer with what is there, and say what is missing.`,
  unlinked: () =>
    'Nothing was called: whoever asked has not linked an account of their own to this server yet. Tell them so; they can do it with /skein tools.',
  not_allowed: () =>
    'Nothing was called: whoever asked may not use this tool here. Tell them so, and do not try it again.',
  nobody_to_ask: () =>
    'Nothing was called: this tool needs a word of a person, and nobody can be asked here.',
};

/** Of a call that was refused. `detail`: what is wrong with its input. */
export function refusedResult(why: Refusal, detail = ''): string {
  return words(REFUSED[why](detail));
}

/** How a call ended, and the content of its `tool_result` as JSON text; `harmless`: to call it again changes nothing more. */
export function endOf(
  outcome: CallOutcome,
  tool: Pick<ConnectedTool, 'server' | 'tool'>,
  harmless: boolean,
): { readonly state: 'done' | 'failed' | 'unknown'; readonly result: string } {
  switch (outcome.kind) {
    case 'done':
      return { state: outcome.failed ? 'failed' : 'done', result: JSON.stringify(framed(outcome, tool)) };
    case 'not_done':
      return { state: 'failed', result: words(`This was not done: ${clean(outcome.reason)}`) };
    case 'unknown':
      return harmless
        ? { state: 'failed', result: words(`No answer came: ${clean(outcome.reason)}`) }
        : { state: 'unknown', result: UNKNOWN };
  }
}

const UNKNOWN = words(
  'It is not known whether this happened: the call left, and no answer came. Do not repeat it. Tell whoever asked, so that they can look.',
);
const TOO_MUCH =
  'This was done. What it gave is left out, because this answer has taken in as much as it may. Finish with what is there, and say what is missing.';
const KEPT =
  'This was done with the personal account of whoever asked, and they did not let you use what it gave here. Do not ask for it again.';

const BY_STATE: Readonly<Partial<Record<CallState, string>>> = {
  denied: words('A person was asked and said no: this was not done. Do not try it again in another way.'),
  expired: words(
    'A person was asked, and nobody decided while there was time: this was not done. Say so, and go on without it.',
  ),
  unknown: UNKNOWN,
};

/** Why a call took too long. */
export const OVERTIME = `it did not answer within ${MOST_CALL_MS / 1000} seconds`;

/** The `tool_result` of a call that is over. `room`: bytes that the answer still takes in. */
export function resultBlock(
  call: Pick<StoredCall, 'use' | 'state' | 'result' | 'sharing'>,
  room: number,
): TurnBlock {
  const content = contentOf(call, room);
  return {
    type: 'tool_result',
    tool_use_id: call.use,
    content: JSON.parse(content) as unknown,
    ...(call.state === 'done' ? {} : { is_error: true }),
  };
}

/** The `tool_result` of a call whose id an earlier version of the answer had: ids are the provider's, and name one call each. */
export function usedBefore(use: string): TurnBlock {
  const text = 'Nothing was called: a call of this id was made before. Make it anew.';
  return { type: 'tool_result', tool_use_id: use, content: [{ type: 'text', text }], is_error: true };
}

/** Bytes of a result as it is sent. */
export function resultBytes(block: TurnBlock): number {
  return Buffer.byteLength(JSON.stringify(block));
}

function contentOf({ state, result, sharing }: Parameters<typeof resultBlock>[0], room: number): string {
  if (state === 'done' || state === 'failed') {
    if (sharing === 'kept' || sharing === 'withheld') return words(KEPT);
    if (result !== null && Buffer.byteLength(result) > room) return words(TOO_MUCH);
  }
  return result ?? BY_STATE[state] ?? UNKNOWN;
}

/** What a server gave, in a frame that nothing in it can end: it is material, and says whose. */
function framed(
  { parts, cut }: Extract<CallOutcome, { kind: 'done' }>,
  { server, tool }: Pick<ConnectedTool, 'server' | 'tool'>,
): readonly object[] {
  const of = `server=${JSON.stringify(clean(server))} tool=${JSON.stringify(clean(tool))}`;
  const text = (value: string) => ({ type: 'text', text: value });
  const given = parts.map((part) => partOf(part));
  const empty = parts.length === 0 ? [text('(nothing)')] : [];
  return [
    text(`<tool_result_data ${of}>`),
    ...given,
    ...empty,
    text(`</tool_result_data>${cut ? '\n[a part of it was left out, because it is too long]' : ''}`),
  ];
}

function partOf(part: ResultPart): object {
  if (part.type === 'image')
    return { type: 'image', source: { type: 'base64', media_type: part.media, data: part.data } };
  const safe = clean(part.text).replace(/<(?=\/?\s*tool_result_data)/gi, '<\u200b');
  // The API takes no text of blanks.
  return { type: 'text', text: safe.trim() === '' ? '(nothing)' : safe };
}

function words(text: string): string {
  return JSON.stringify([{ type: 'text', text }]);
}

/** Half a surrogate pair is no UTF-8, and Postgres holds no NUL. */
function clean(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD').replaceAll('\0', '');
}
