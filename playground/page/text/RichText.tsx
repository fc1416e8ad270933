import { Fragment, type ReactNode } from 'react';
import { CodeBlock } from './CodeBlock.tsx';
import { type Fields, fields, list, str } from './fields.ts';
import { ChannelMention, Emoji, SafeLink, UserMention } from './Inline.tsx';

/** A `rich_text` block: what people's messages are made of. */
export function RichText({ block }: { readonly block: Fields }) {
  return (
    <div className="text">
      {list(block['elements']).map((element, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
        <Part key={index} part={element} />
      ))}
    </div>
  );
}

function Part({ part }: { readonly part: Fields }) {
  const elements = list(part['elements']);
  switch (part['type']) {
    case 'rich_text_preformatted':
      return <CodeBlock code={elements.map((e) => str(e['text']) || str(e['url'])).join('')} language="" />;
    case 'rich_text_quote':
      return (
        <blockquote>
          <Elements elements={elements} />
        </blockquote>
      );
    case 'rich_text_list':
      return <List part={part} elements={elements} />;
    default:
      return (
        <p className="pre-line">
          <Elements elements={elements} />
        </p>
      );
  }
}

function List({ part, elements }: { readonly part: Fields; readonly elements: readonly Fields[] }) {
  const items = elements.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
    <li key={index}>
      <Elements elements={list(item['elements'])} />
    </li>
  ));
  const depth = Math.min(Number(part['indent']) || 0, 8);
  const style = { marginInlineStart: `${depth * 1.5}rem` };
  if (part['style'] !== 'ordered') return <ul style={style}>{items}</ul>;
  return (
    <ol style={style} start={(Number(part['offset']) || 0) + 1}>
      {items}
    </ol>
  );
}

function Elements({ elements }: { readonly elements: readonly Fields[] }) {
  return elements.map((element, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
    <Fragment key={index}>{styled(element, <Element element={element} />)}</Fragment>
  ));
}

function Element({ element }: { readonly element: Fields }) {
  const text = str(element['text']);
  switch (element['type']) {
    case 'link':
      return <SafeLink url={str(element['url'])}>{text || str(element['url'])}</SafeLink>;
    case 'user':
      return <UserMention id={str(element['user_id'])} />;
    case 'channel':
      return <ChannelMention id={str(element['channel_id'])} label={null} />;
    case 'broadcast':
      return <span className="mention mention-me">@{str(element['range'])}</span>;
    case 'emoji':
      return <Emoji name={str(element['name'])} />;
    case 'date':
      return str(element['fallback']);
    default:
      return text;
  }
}

function styled(element: Fields, content: ReactNode): ReactNode {
  const style = fields(element['style']);
  let node = content;
  if (style['code'] === true) node = <code>{node}</code>;
  if (style['strike'] === true) node = <del>{node}</del>;
  if (style['italic'] === true) node = <em>{node}</em>;
  if (style['bold'] === true) node = <strong>{node}</strong>;
  return node;
}
