import type { SeenView } from '../incoming.ts';
import { input, type Modal, modal, plain } from '../views/blocks.ts';
import type { Opened } from '../views/ports.ts';
import { POOR_WITHOUT_FORM, REASON_TEXTS } from '../words/controls.ts';

export const REASON_FORM = 'answer_reason';
export const REASON_BLOCK = 'reason';
/** Characters; a reason is a sentence or two. */
const MOST_REASON = 1000;

/** The version of an answer that a reason is about. */
export interface Rated {
  readonly reply: string;
  readonly version: number;
}

/** Asks for the reason of a 👎; it may be left out. Opened with one call: a trigger lives for three seconds. */
export function reasonForm({ reply, version }: Rated): Modal {
  const element = {
    type: 'plain_text_input',
    action_id: 'text',
    multiline: true,
    max_length: MOST_REASON,
    placeholder: plain(REASON_TEXTS.placeholder),
  } as const;
  const blocks = [input(REASON_BLOCK, REASON_TEXTS, element, true)];
  return modal(REASON_FORM, REASON_TEXTS, blocks, `${reply}:${version}`);
}

/** What a form says, which was in somebody's hands; null if it names no answer or gives no reason. Total. */
export function readReason(view: SeenView): (Rated & { readonly reason: string }) | null {
  const [, reply, version] = /^([0-9a-f-]{36}):(\d{1,3})$/.exec(view.metadata) ?? [];
  const reason = (view.values.get(REASON_BLOCK) ?? '').trim().slice(0, MOST_REASON);
  return reply === undefined || !UUID.test(reply) || reason === ''
    ? null
    : { reply, version: Number(version), reason };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a person is told when the form could not be opened; null if it was. */
export function withoutForm(opened: Opened): string | null {
  return opened.kind === 'done' ? null : POOR_WITHOUT_FORM;
}
