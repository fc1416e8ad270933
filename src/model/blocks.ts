import { field, isBlock, type TurnBlock } from '../conversation/blocks.ts';

/** What the reader of blocks tells of one event. */
type BlockStep =
  | { readonly type: 'text_start' }
  /** A block is complete. */
  | { readonly type: 'block'; readonly block: TurnBlock };

/** Puts the blocks of one stream together again. */
interface BlockReader {
  /** Takes one event of the provider's stream; what it completes or begins, null: nothing. Total. */
  take(event: unknown): BlockStep | null;
}

type Open = Record<string, unknown>;

/** Which field of an open block each delta adds to. */
const ADDS_TO: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
};

/**
 * The blocks of a stream as they have to go back (`RawMessageStreamEvent` of the SDK): the input of a call comes as pieces
 * of JSON, the first of which may be empty; results of the provider's own tools come whole with their start. What is not
 * known is left out, and so is a block that never ends.
 */
export function createBlockReader(): BlockReader {
  let open: Open | null = null;
  let json = '';

  return {
    take(event) {
      switch (field(event, 'type')) {
        case 'content_block_start': {
          const block = field(event, 'content_block');
          open = typeof block === 'object' && block !== null ? { ...block } : null;
          json = '';
          return open?.['type'] === 'text' ? { type: 'text_start' } : null;
        }
        case 'content_block_delta':
          if (open !== null) add(open, field(event, 'delta'));
          return null;
        case 'content_block_stop': {
          const block = open === null ? null : finished(open);
          open = null;
          return isBlock(block) ? { type: 'block', block } : null;
        }
        default:
          return null;
      }
    },
  };

  function add(block: Open, delta: unknown): void {
    const type = String(field(delta, 'type'));
    if (type === 'input_json_delta') json += text(field(delta, 'partial_json'));
    else if (type === 'citations_delta') {
      const before = Array.isArray(block['citations']) ? block['citations'] : [];
      block['citations'] = [...before, field(delta, 'citation')];
    } else {
      const name = ADDS_TO[type];
      if (name !== undefined) block[name] = text(block[name]) + text(field(delta, name));
    }
  }

  function finished(block: Open): Open {
    if (json === '') return block;
    return { ...block, input: parsed(json) ?? (block['type'] === 'tool_use' ? broken(json) : {}) };
  }
}

/** Null: it is no object, and the API takes back nothing else. */
function parsed(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * An input that was cut, or is no JSON, in the form in which it may go back (Anthropic's page on fine-grained tool streaming:
 * "you may wrap it in a JSON object"). Whoever carries calls out refuses it.
 */
function broken(json: string): object {
  return { INVALID_JSON: json };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
