import type { SeenView } from '../incoming.ts';
import { type Block, input, type Modal, modal, type Option, plain } from '../views/blocks.ts';
import {
  ABOUT_TEXTS,
  ANYWHERE_TEXTS,
  QUESTION_TEXTS,
  READY_LABELS,
  READY_QUESTIONS,
} from '../words/shortcuts.ts';

/** Callback ids of the shortcuts, as the manifest names them. */
export const ON_MESSAGE = 'ask_about_message';
export const ANYWHERE = 'ask_skein';

export const ABOUT_FORM = 'ask_about_form';
export const ANYWHERE_FORM = 'ask_anywhere_form';
export const QUESTION_BLOCK = 'question';
const READY_BLOCK = 'ready';
const TO_BLOCK = 'to';
export const CHANNEL_BLOCK = 'channel';

/** Characters of a question; Slack's input takes no more. */
const MOST_QUESTION = 3000;

/** A message that somebody asks about. */
interface About {
  readonly channel: string;
  readonly ts: string;
}

export function aboutForm({ channel, ts }: About): Modal {
  const { title, ready, readyPlaceholder, where, inThread, onlyToMe } = ABOUT_TEXTS;
  const thread = option('thread', inThread);
  const blocks = [
    input(
      READY_BLOCK,
      { label: ready },
      {
        type: 'static_select',
        action_id: 'pick',
        placeholder: plain(readyPlaceholder),
        options: READY_IDS.map((id) => option(id, READY_LABELS[id])),
      },
      true,
    ),
    questionBlock(true),
    input(
      TO_BLOCK,
      { label: where },
      {
        type: 'radio_buttons',
        action_id: 'pick',
        options: [thread, option('me', onlyToMe)],
        initial_option: thread,
      },
    ),
  ];
  return modal(ABOUT_FORM, { ...QUESTION_TEXTS, title }, blocks, `${channel}:${ts}`);
}

export function anywhereForm(): Modal {
  const { title, channel, channelHint, channelPlaceholder } = ANYWHERE_TEXTS;
  return modal(ANYWHERE_FORM, { ...QUESTION_TEXTS, title }, [
    questionBlock(false),
    input(
      CHANNEL_BLOCK,
      { label: channel, hint: channelHint },
      {
        type: 'conversations_select',
        action_id: 'pick',
        placeholder: plain(channelPlaceholder),
        filter: { include: ['public', 'private', 'mpim'], exclude_bot_users: true },
      },
      true,
    ),
  ]);
}

/** What a submitted form asks: it was in somebody's hands, and says what is wanted, not what is allowed. */
export type Question =
  | { readonly kind: 'about'; readonly about: About; readonly question: string; readonly privately: boolean }
  /** `channel` null: in a direct message. */
  | { readonly kind: 'anywhere'; readonly question: string; readonly channel: string | null };

/** Total. */
export function readWish(
  view: SeenView,
): Question | { readonly kind: 'no_question' } | { readonly kind: 'unreadable' } {
  const typed = (view.values.get(QUESTION_BLOCK) ?? '').trim().slice(0, MOST_QUESTION);
  if (view.callbackId === ANYWHERE_FORM) {
    const channel = view.values.get(CHANNEL_BLOCK) ?? null;
    if (typed === '') return { kind: 'no_question' };
    if (channel !== null && !ID.test(channel)) return { kind: 'unreadable' };
    return { kind: 'anywhere', question: typed, channel };
  }
  const [channel, ts, ...more] = view.metadata.split(':');
  if (channel === undefined || ts === undefined || more.length > 0 || !ID.test(channel) || !TS.test(ts))
    return { kind: 'unreadable' };
  const picked = READY_IDS.find((id) => id === view.values.get(READY_BLOCK));
  const question = [picked === undefined ? '' : READY_QUESTIONS[picked], typed]
    .filter((part) => part !== '')
    .join('\n');
  if (question === '') return { kind: 'no_question' };
  return { kind: 'about', about: { channel, ts }, question, privately: view.values.get(TO_BLOCK) === 'me' };
}

const ID = /^[A-Z0-9]{1,64}$/;
const TS = /^\d{1,16}\.\d{1,9}$/;
const READY_IDS = ['summarise', 'explain', 'reply'] as const satisfies (keyof typeof READY_LABELS)[];

function questionBlock(optional: boolean): Block {
  const element = {
    type: 'plain_text_input',
    action_id: 'text',
    multiline: true,
    max_length: MOST_QUESTION,
  } as const;
  return input(QUESTION_BLOCK, QUESTION_TEXTS, element, optional);
}

function option(value: string, label: string): Option {
  return { text: plain(label), value };
}
