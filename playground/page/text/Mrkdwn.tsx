import { Fragment, memo } from 'react';
import { CodeBlock } from './CodeBlock.tsx';
import { ChannelMention, Emoji, SafeLink, UserMention } from './Inline.tsx';
import { type Inline, type MrkdwnBlock, parseMrkdwn } from './mrkdwn.ts';

/** Slack's own markup, as people's messages and most of Block Kit carry it. */
export const Mrkdwn = memo(function Mrkdwn({ text }: { readonly text: string }) {
  return (
    <div className="text">
      {parseMrkdwn(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
        <Block key={index} block={block} />
      ))}
    </div>
  );
});

function Block({ block }: { readonly block: MrkdwnBlock }) {
  if (block.kind === 'code') return <CodeBlock code={block.text} language="" />;
  const children = <Inlines nodes={block.children} />;
  return block.kind === 'quote' ? <blockquote>{children}</blockquote> : <p>{children}</p>;
}

function Inlines({ nodes }: { readonly nodes: readonly Inline[] }) {
  return nodes.map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
    <Fragment key={index}>
      <InlineNode node={node} />
    </Fragment>
  ));
}

function InlineNode({ node }: { readonly node: Inline }) {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'bold':
      return (
        <strong>
          <Inlines nodes={node.children} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Inlines nodes={node.children} />
        </em>
      );
    case 'strike':
      return (
        <del>
          <Inlines nodes={node.children} />
        </del>
      );
    case 'code':
      return <code>{node.text}</code>;
    case 'user':
      return <UserMention id={node.id} />;
    case 'channel':
      return <ChannelMention id={node.id} label={node.label} />;
    case 'broadcast':
      return <span className="mention mention-me">@{node.name}</span>;
    case 'link':
      return <SafeLink url={node.url}>{node.label}</SafeLink>;
    case 'emoji':
      return <Emoji name={node.name} />;
    case 'break':
      return <br />;
  }
}
