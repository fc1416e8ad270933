import type { SeenView } from '../incoming.ts';
import { type Block, type Modal, type Option, plain } from '../views/blocks.ts';
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
  const thread = option('thread', ABOUT_TEXTS.inThread);
  return {
    type: 'modal',
    callback_id: ABOUT_FORM,
    title: plain(ABOUT_TEXTS.title),
    submit: plain(QUESTION_TEXTS.submit),
    close: plain(QUESTION_TEXTS.close),
    private_metadata: `${channel}:${ts}`,
    blocks: [
      {
        type: 'input',
        block_id: READY_BLOCK,
        label: plain(ABOUT_TEXTS.ready),
        optional: true,
        element: {
          type: 'static_select',
          action_id: 'pick',
          placeholder: plain(ABOUT_TEXTS.readyPlaceholder),
          options: READY_IDS.map((id) => option(id, READY_LABELS[id])),
        },
      },
      questionBlock(true),
      {
        type: 'input',
        block_id: TO_BLOCK,
        label: plain(ABOUT_TEXTS.where),
        optional: false,
        element: {
          type: 'radio_buttons',
          action_id: 'pick',
          options: [thread, option('me', ABOUT_TEXTS.onlyToMe)],
          initial_option: thread,
        },
      },
    ],
  };
}

export function anywhereForm(): Modal {
  return {
    type: 'modal',
    callback_id: ANYWHERE_FORM,
    title: plain(ANYWHERE_TEXTS.title),
    submit: plain(QUESTION_TEXTS.submit),
    close: plain(QUESTION_TEXTS.close),
    private_metadata: '',
    blocks: [
      questionBlock(false),
      {
        type: 'input',
        block_id: CHANNEL_BLOCK,
        label: plain(ANYWHERE_TEXTS.channel),
        hint: plain(ANYWHERE_TEXTS.channelHint, 150),
        optional: true,
        element: {
          type: 'conversations_select',
          action_id: 'pick',
          placeholder: plain(ANYWHERE_TEXTS.channelPlaceholder),
          filter: { include: ['public', 'private', 'mpim'], exclude_bot_users: true },
        },
      },
    ],
  };
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
  return {
    type: 'input',
    block_id: QUESTION_BLOCK,
    label: plain(QUESTION_TEXTS.label),
    optional,
    element: { type: 'plain_text_input', action_id: 'text', multiline: true, max_length: MOST_QUESTION },
  };
}

function option(value: string, label: string): Option {
  return { text: plain(label), value };
}
