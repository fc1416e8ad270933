import { type ComponentProps, isValidElement, memo, type ReactNode } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './CodeBlock.tsx';
import { SafeLink } from './Inline.tsx';
import { ScrollBox } from './ScrollBox.tsx';
import { isTangled } from './tangled.ts';

/**
 * Standard Markdown of a `markdown` block, drawn as Slack draws it: headings of one size, images as links
 * (nothing is loaded from anywhere), HTML as the text it is.
 */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="text markdown">
      {isTangled(text) ? (
        <p>{text}</p>
      ) : (
        <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
          {text}
        </ReactMarkdown>
      )}
    </div>
  );
});

// As far as Slack's reading is known (docs/slack-markdown.md): bare addresses are links, one tilde strikes nothing.
const PLUGINS: ComponentProps<typeof ReactMarkdown>['remarkPlugins'] = [[remarkGfm, { singleTilde: false }]];

const heading: Components['h1'] = ({ children }) => <h4 className="md-heading">{children}</h4>;

const COMPONENTS: Components = {
  h1: heading,
  h2: heading,
  h3: heading,
  h4: heading,
  h5: heading,
  h6: heading,
  a: ({ href, children }) => <SafeLink url={href ?? ''}>{children}</SafeLink>,
  img: ({ src, alt }) => (
    <SafeLink url={typeof src === 'string' ? src : ''}>{alt ? `Image: ${alt}` : 'Image'}</SafeLink>
  ),
  table: ({ children }) => (
    <ScrollBox className="table-scroll" label="Table">
      <table>{children}</table>
    </ScrollBox>
  ),
  input: ({ checked }) => (
    <span
      className={checked ? 'task task-done' : 'task'}
      role="img"
      aria-label={checked ? 'done' : 'to do'}
    />
  ),
  pre: ({ children }) => {
    const code = isValidElement<{ className?: string; children?: ReactNode }>(children)
      ? children.props
      : null;
    const language = /language-(\S+)/.exec(code?.className ?? '')?.[1] ?? '';
    return <CodeBlock code={String(code?.children ?? '').replace(/\n$/, '')} language={language} />;
  },
};
