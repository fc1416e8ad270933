import { memo } from 'react';
import { Control } from '../forms/Control.tsx';
import { InputBlock } from '../forms/InputBlock.tsx';
import { Chart } from './Chart.tsx';
import { type Fields, fields, list, str } from './fields.ts';
import { SafeLink } from './Inline.tsx';
import { Markdown } from './Markdown.tsx';
import { Mrkdwn } from './Mrkdwn.tsx';
import { RichText } from './RichText.tsx';
import { DataTable, Table } from './Tables.tsx';

/**
 * The Block Kit of a message or a view. Blocks come from outside: a shape that is not known is named, never thrown at.
 * Nothing is loaded: images are links.
 */
export const Blocks = memo(function Blocks({ blocks }: { readonly blocks: readonly unknown[] }) {
  return blocks.map((value, index) => {
    const block = fields(value);
    // Blocks keep their place while a message grows: by place, a paragraph is changed and not drawn anew.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    return <Block key={index} block={block} />;
  });
});

function Block({ block }: { readonly block: Fields }) {
  const blockId = str(block['block_id']);
  switch (block['type']) {
    case 'markdown':
      return <Markdown text={str(block['text'])} />;
    case 'rich_text':
      return <RichText block={block} />;
    case 'header':
      return <h4 className="block-header">{str(fields(block['text'])['text'])}</h4>;
    case 'divider':
      return <hr />;
    case 'section':
      return <Section block={block} blockId={blockId} />;
    case 'context':
      return (
        <div className="block-context">
          {list(block['elements']).map((element, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
            <TextObject key={index} text={element} />
          ))}
        </div>
      );
    case 'actions':
    case 'context_actions':
      return (
        <div className="block-actions">
          {list(block['elements']).map((element, index) => (
            <Control
              key={str(element['action_id']) || index}
              element={element}
              blockId={blockId}
              dispatches={true}
            />
          ))}
        </div>
      );
    case 'input':
      return <InputBlock block={block} />;
    case 'image':
      return (
        <p>
          <SafeLink url={str(block['image_url'])}>
            Image: {str(block['alt_text']) || 'without a description'}
          </SafeLink>
        </p>
      );
    case 'table':
      return <Table block={block} />;
    case 'data_table':
      return <DataTable block={block} />;
    case 'data_visualization':
      return <Chart block={block} />;
    case 'container':
      return <Container block={block} />;
    default:
      return (
        <p className="block-unknown">
          A “{str(block['type']) || 'nameless'}” block, which the playground does not draw.
        </p>
      );
  }
}

function Section({ block, blockId }: { readonly block: Fields; readonly blockId: string }) {
  const accessory = fields(block['accessory']);
  return (
    <div className="block-section">
      <div>
        {block['text'] !== undefined && <TextObject text={fields(block['text'])} />}
        {list(block['fields']).length > 0 && (
          <div className="block-fields">
            {list(block['fields']).map((field, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
              <TextObject key={index} text={field} />
            ))}
          </div>
        )}
      </div>
      {accessory['type'] !== undefined && <Accessory accessory={accessory} blockId={blockId} />}
    </div>
  );
}

function Accessory({ accessory, blockId }: { readonly accessory: Fields; readonly blockId: string }) {
  return (
    <div className="block-accessory">
      {accessory['type'] === 'image' ? (
        <TextObject text={accessory} />
      ) : (
        <Control element={accessory} blockId={blockId} dispatches={true} />
      )}
    </div>
  );
}

function TextObject({ text }: { readonly text: Fields }) {
  if (text['type'] === 'mrkdwn') return <Mrkdwn text={str(text['text'])} />;
  if (text['type'] === 'image') {
    return <SafeLink url={str(text['image_url'])}>{str(text['alt_text']) || 'Image'}</SafeLink>;
  }
  return <p className="pre-line">{str(text['text'])}</p>;
}

/** Blocks under a title, which fold away where the block says so. */
function Container({ block }: { readonly block: Fields }) {
  const rich = fields(block['rich_text_title']);
  const title =
    rich['type'] === 'rich_text' ? <RichText block={rich} /> : str(fields(block['title'])['text']);
  // Slack nests none in another; blocks that come from outside may.
  const children = list(block['child_blocks']).filter((child) => child['type'] !== 'container');
  const inside = (
    <>
      {block['subtitle'] !== undefined && <TextObject text={fields(block['subtitle'])} />}
      <Blocks blocks={children} />
    </>
  );
  if (block['is_collapsible'] !== true)
    return (
      <section className="block-container">
        <h4>{title}</h4>
        {inside}
      </section>
    );
  return (
    <details className="block-container" open={block['default_collapsed'] !== true}>
      <summary>{title}</summary>
      {inside}
    </details>
  );
}
