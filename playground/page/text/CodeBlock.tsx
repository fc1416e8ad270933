import { memo, useEffect, useState } from 'react';
import { highlight } from './highlight.ts';
import { ScrollBox } from './ScrollBox.tsx';

/** Fenced code with its language, colours and a copy button. */
export const CodeBlock = memo(function CodeBlock({
  code,
  language,
}: {
  readonly code: string;
  readonly language: string;
}) {
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language === '' ? 'code' : language}</span>
        <CopyButton text={code} />
      </div>
      <ScrollBox className="code-scroll" label={language === '' ? 'Code' : `Code, ${language}`}>
        <pre>
          <code>
            {highlight(code, language).map((piece, index) =>
              piece.kind === 'plain' ? (
                piece.text
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no name but their place
                <span key={index} className={`hl-${piece.kind}`}>
                  {piece.text}
                </span>
              ),
            )}
          </code>
        </pre>
      </ScrollBox>
    </div>
  );
});

function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" className="code-copy" onClick={copy} aria-label="Copy code">
      {copied ? 'Copied' : 'Copy'}
    </button>
  );
}
