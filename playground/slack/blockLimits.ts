/** Whether Slack would take these blocks in a message, a modal or App Home. */
import { container, dataProblems, dataTable, dataVisualization, table } from './dataBlocks.ts';
import {
  anything,
  type Complain,
  contextActions,
  contextParts,
  count,
  element,
  elements,
  image,
  inputs,
  length,
  limits,
  type Rule,
  textObject,
} from './elementLimits.ts';
import { isJson, type Json, listOf } from './json.ts';
import { Refusal } from './refusal.ts';

function row(max: number, known: Readonly<Record<string, Rule>>): Rule {
  return (block, pointer, complain) => {
    count(block.elements, 'elements', 1, max, pointer, complain);
    const seen = new Set<string>();
    for (const [index, part] of listOf(block.elements).entries()) {
      const place = `${pointer}/elements/${index}`;
      element(part, known, place, complain);
      const id = isJson(part) ? part.action_id : undefined;
      if (typeof id !== 'string') continue;
      if (seen.has(id)) complain('`action_id` already exists in this block', `${place}/action_id`);
      seen.add(id);
    }
  };
}

const section: Rule = (block, pointer, complain) => {
  if (block.text === undefined && block.fields === undefined)
    complain('missing required field: text', pointer);
  if (block.text !== undefined) textObject(block.text, limits.sectionText, `${pointer}/text`, complain);
  if (block.fields !== undefined) {
    count(block.fields, 'fields', 1, 10, pointer, complain);
    for (const [index, field] of listOf(block.fields).entries()) {
      textObject(field, limits.fieldText, `${pointer}/fields/${index}`, complain);
    }
  }
  if (block.accessory !== undefined) element(block.accessory, elements, `${pointer}/accessory`, complain);
};

const blockRules: Readonly<Record<string, Rule>> = {
  section,
  table,
  image,
  divider: anything,
  header: (block, pointer, complain) =>
    textObject(block.text, limits.headerText, `${pointer}/text`, complain, true),
  context: row(limits.contextElements, contextParts),
  actions: row(limits.actionElements, elements),
  context_actions: row(limits.contextActionElements, contextActions),
  markdown: (block, pointer, complain) =>
    length(block.text, 'text', Number.MAX_SAFE_INTEGER, pointer, complain, 1),
  rich_text: (block, pointer, complain) => {
    if (!Array.isArray(block.elements)) complain('missing required field: elements', pointer);
  },
  input: (block, pointer, complain) => {
    textObject(block.label, 2_000, `${pointer}/label`, complain, true);
    element(block.element, inputs, `${pointer}/element`, complain);
  },
  file: anything,
  video: anything,
  data_table: dataTable,
  data_visualization: dataVisualization,
  task_card: anything,
  plan: anything,
  card: anything,
  carousel: anything,
  container,
  alert: anything,
};
const notInMessages = new Set(['input']);
const notInViews = new Set([
  'markdown',
  'context_actions',
  'table',
  'data_table',
  'data_visualization',
  'task_card',
  'plan',
  'file',
]);

/** The sum of the text in table cells, or of Markdown, over a payload. */
function sum(blocks: readonly unknown[], type: string): number {
  const texts = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((total: number, part) => total + texts(part), 0);
    if (!isJson(value)) return 0;
    const own = typeof value.text === 'string' ? value.text.length : 0;
    return own + texts(value.rows) + texts(value.elements);
  };
  return blocks.reduce(
    (total: number, block) => total + (isJson(block) && block.type === type ? texts(block) : 0),
    0,
  );
}

function problems(blocks: readonly unknown[], banned: ReadonlySet<string>, max: number): string[] {
  const found: string[] = [];
  const complain: Complain = (problem, pointer) => {
    found.push(`[ERROR] ${problem} [json-pointer:${pointer}]`);
  };
  if (blocks.length > max) complain(`no more than ${max} items allowed`, '/blocks');
  const ids = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    const pointer = `/blocks/${index}`;
    const rule = isJson(block) && typeof block.type === 'string' ? blockRules[block.type] : undefined;
    if (!isJson(block) || !rule || banned.has(String(block.type))) {
      complain(`unsupported type: ${isJson(block) ? String(block.type) : typeof block}`, `${pointer}/type`);
      continue;
    }
    length(block.block_id, 'block_id', limits.id, pointer, complain);
    if (typeof block.block_id === 'string' && block.block_id !== '') {
      if (ids.has(block.block_id)) complain('`block_id` already exists', `${pointer}/block_id`);
      ids.add(block.block_id);
    }
    rule(block, pointer, complain);
  }
  dataProblems(blocks, complain);
  if (sum(blocks, 'table') + sum(blocks, 'data_table') > limits.tableText)
    complain(`more than ${limits.tableText} characters in tables`, '/blocks');
  return found;
}

/** Throws `invalid_blocks` or `msg_blocks_too_long` for blocks that Slack would not take in a message. */
export function checkMessageBlocks(blocks: readonly unknown[]): void {
  const found = problems(blocks, notInMessages, limits.messageBlocks);
  if (found.length > 0) throw new Refusal('invalid_blocks', found);
  if (sum(blocks, 'markdown') > limits.markdown) throw new Refusal('msg_blocks_too_long');
}

/** Throws `invalid_arguments` for a modal or Home view that Slack would not take. */
export function checkView(view: Json): void {
  const found = problems(listOf(view.blocks), notInViews, limits.viewBlocks);
  const complain: Complain = (problem, pointer) => {
    found.push(`[ERROR] ${problem} [json-pointer:/view${pointer}]`);
  };
  if (view.type !== 'modal' && view.type !== 'home') complain('must be modal or home', '/type');
  if (!Array.isArray(view.blocks)) complain('missing required field: blocks', '');
  if (view.type === 'modal') textObject(view.title, 24, '/title', complain, true);
  if (view.submit !== undefined) textObject(view.submit, 24, '/submit', complain, true);
  if (view.close !== undefined) textObject(view.close, 24, '/close', complain, true);
  const hasInput = listOf(view.blocks).some((block) => isJson(block) && block.type === 'input');
  if (view.type === 'modal' && hasInput && view.submit === undefined)
    complain('missing required field: submit', '');
  length(view.private_metadata, 'private_metadata', 3_000, '', complain);
  length(view.callback_id, 'callback_id', limits.id, '', complain);
  length(view.external_id, 'external_id', limits.id, '', complain);
  if (found.length > 0) throw new Refusal('invalid_arguments', found);
  if (JSON.stringify(view).length > 250_000) throw new Refusal('view_too_large');
}
