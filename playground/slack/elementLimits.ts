/**
 * Slack's size limits, and the rules for the parts inside blocks. Figures: docs.slack.dev "Block Kit reference"
 * and "Formatting with markdown blocks", as of September 2026. Lengths are UTF-16 code units: nowhere looser
 * than Slack's characters.
 */
import { isJson, type Json, listOf } from './json.ts';

export const limits = {
  messageBlocks: 50,
  viewBlocks: 100,
  markdown: 12_000,
  postText: 40_000,
  updateText: 4_000,
  sectionText: 3_000,
  fieldText: 2_000,
  headerText: 150,
  contextElements: 10,
  actionElements: 25,
  contextActionElements: 5,
  label: 75,
  value: 2_000,
  url: 3_000,
  imageText: 2_000,
  id: 255,
  options: 100,
  fewOptions: 10,
  tableRows: 100,
  tableColumns: 20,
  tableText: 10_000,
} as const;

export type Complain = (problem: string, pointer: string) => void;
export type Rule = (part: Json, pointer: string, complain: Complain) => void;

export function length(
  value: unknown,
  name: string,
  max: number,
  pointer: string,
  complain: Complain,
  min = 0,
): void {
  if (value === undefined) {
    if (min > 0) complain(`missing required field: ${name}`, pointer);
  } else if (typeof value !== 'string') complain('must be a string', `${pointer}/${name}`);
  else if (value.length > max) complain(`must be less than ${max + 1} characters`, `${pointer}/${name}`);
  else if (value.length < min) complain(`must be more than ${min - 1} characters`, `${pointer}/${name}`);
}

export function textObject(
  value: unknown,
  max: number,
  pointer: string,
  complain: Complain,
  onlyPlain = false,
): void {
  if (!isJson(value)) {
    complain('must be a text object', pointer);
    return;
  }
  const fits = value.type === 'plain_text' || (value.type === 'mrkdwn' && !onlyPlain);
  if (!fits) complain(`unsupported type: ${String(value.type)}`, `${pointer}/type`);
  length(value.text, 'text', max, pointer, complain, 1);
}

export function count(
  value: unknown,
  name: string,
  min: number,
  max: number,
  pointer: string,
  complain: Complain,
): void {
  if (!Array.isArray(value)) {
    complain(`missing required field: ${name}`, pointer);
    return;
  }
  if (value.length > max) complain(`no more than ${max} items allowed`, `${pointer}/${name}`);
  if (value.length < min) complain(`must have at least ${min} items`, `${pointer}/${name}`);
}

function options(part: Json, min: number, max: number, pointer: string, complain: Complain): void {
  count(part.options, 'options', min, max, pointer, complain);
  for (const [index, option] of listOf(part.options).entries()) {
    const place = `${pointer}/options/${index}`;
    if (!isJson(option)) complain('must be an option object', place);
    else {
      textObject(option.text, limits.label, `${place}/text`, complain);
      length(option.value, 'value', 150, place, complain, 1);
    }
  }
}

const button: Rule = (part, pointer, complain) => {
  textObject(part.text, limits.label, `${pointer}/text`, complain, true);
  length(part.value, 'value', limits.value, pointer, complain);
  length(part.url, 'url', limits.url, pointer, complain);
  length(part.accessibility_label, 'accessibility_label', limits.label, pointer, complain);
  if (part.style !== undefined && part.style !== 'primary' && part.style !== 'danger') {
    complain('invalid style', `${pointer}/style`);
  }
  if (isJson(part.confirm)) {
    textObject(part.confirm.title, 100, `${pointer}/confirm/title`, complain, true);
    textObject(part.confirm.text, 300, `${pointer}/confirm/text`, complain);
    textObject(part.confirm.confirm, 30, `${pointer}/confirm/confirm`, complain, true);
    textObject(part.confirm.deny, 30, `${pointer}/confirm/deny`, complain, true);
  }
};

export const image: Rule = (part, pointer, complain) => {
  if (part.slack_file === undefined) length(part.image_url, 'image_url', limits.url, pointer, complain, 1);
  length(part.alt_text, 'alt_text', limits.imageText, pointer, complain, 1);
};

export const anything: Rule = () => {};
const select: Rule = (part, pointer, complain) => {
  if (part.option_groups === undefined) options(part, 1, limits.options, pointer, complain);
};
const few: Rule = (part, pointer, complain) => options(part, 1, limits.fewOptions, pointer, complain);

const feedback: Rule = (part, pointer, complain) => {
  for (const side of ['positive_button', 'negative_button']) {
    const half = part[side];
    if (!isJson(half)) complain(`missing required field: ${side}`, pointer);
    else {
      textObject(half.text, limits.label, `${pointer}/${side}/text`, complain, true);
      length(half.value, 'value', limits.value, `${pointer}/${side}`, complain, 1);
    }
  }
};

export const elements: Readonly<Record<string, Rule>> = {
  button,
  image,
  static_select: select,
  multi_static_select: select,
  external_select: anything,
  multi_external_select: anything,
  users_select: anything,
  multi_users_select: anything,
  conversations_select: anything,
  multi_conversations_select: anything,
  channels_select: anything,
  multi_channels_select: anything,
  overflow: (part, pointer, complain) => options(part, 1, 5, pointer, complain),
  radio_buttons: few,
  checkboxes: few,
  datepicker: anything,
  timepicker: anything,
  datetimepicker: anything,
  workflow_button: button,
};
export const inputs: Readonly<Record<string, Rule>> = {
  ...elements,
  plain_text_input: (part, pointer, complain) => {
    if (typeof part.max_length === 'number' && part.max_length > 3_000) {
      complain('must be less than 3001', `${pointer}/max_length`);
    }
  },
  rich_text_input: anything,
  email_text_input: anything,
  url_text_input: anything,
  number_input: anything,
  file_input: anything,
};
export const contextActions: Readonly<Record<string, Rule>> = {
  feedback_buttons: feedback,
  icon_button: (part, pointer, complain) => {
    if (part.icon !== 'trash') complain('invalid icon', `${pointer}/icon`);
    textObject(part.text, limits.label, `${pointer}/text`, complain, true);
  },
};
export const contextParts: Readonly<Record<string, Rule>> = {
  image,
  mrkdwn: (part, pointer, complain) => textObject(part, limits.sectionText, pointer, complain),
  plain_text: (part, pointer, complain) => textObject(part, limits.sectionText, pointer, complain),
};

export function element(
  value: unknown,
  known: Readonly<Record<string, Rule>>,
  pointer: string,
  complain: Complain,
): void {
  if (!isJson(value)) {
    complain('must be an object', pointer);
    return;
  }
  const rule = typeof value.type === 'string' ? known[value.type] : undefined;
  if (!rule) {
    complain(`unsupported type: ${String(value.type)}`, `${pointer}/type`);
    return;
  }
  length(value.action_id, 'action_id', limits.id, pointer, complain);
  rule(value, pointer, complain);
}
