import { type ClipboardEvent, type DragEvent, useRef, useState } from 'react';
import type { PageMessage, PageUpload } from '../../protocol.ts';
import { Icon } from '../shell/icons.tsx';
import { plural, sizeOf } from '../state/format.ts';

/** More than Slack's composer takes at once, and more than this page should hold. */
const MOST_FILES = 10;
const MOST_BYTES = 30_000_000;

export interface Picked extends PageUpload {
  readonly key: string;
}

/** Files that wait to be sent with what is being written: picked, dropped or pasted. */
export function usePicked() {
  const [files, setFiles] = useState<readonly Picked[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const add = async (list: Iterable<File>) => {
    const fresh: Picked[] = [];
    for (const file of list) {
      if (file.size > MOST_BYTES) setProblem(`${file.name} is too large for the playground.`);
      else fresh.push({ ...(await uploadOf(file)), key: crypto.randomUUID() });
    }
    setFiles((now) => [...now, ...fresh].slice(0, MOST_FILES));
  };
  const pick = (list: Iterable<File>) => {
    setProblem(null);
    add(list).catch(() => setProblem('That file could not be read.'));
  };
  return {
    files,
    problem,
    pick,
    drop: (key: string) => setFiles((now) => now.filter((file) => file.key !== key)),
    clear: () => setFiles([]),
    restore: (again: readonly Picked[]) => setFiles(again),
    onPaste: (event: ClipboardEvent) => {
      const pasted = [...event.clipboardData.files];
      if (pasted.length === 0) return;
      event.preventDefault();
      pick(pasted);
    },
    onDrop: (event: DragEvent) => {
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      pick([...event.dataTransfer.files]);
    },
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes('Files')) event.preventDefault();
    },
  };
}

async function uploadOf(file: File): Promise<PageUpload> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  // A call takes so many arguments at most.
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return {
    name: file.name || 'pasted',
    mimetype: file.type || 'application/octet-stream',
    base64: btoa(binary),
  };
}

export function AttachButton({
  onPick,
  disabled,
}: {
  readonly onPick: (files: Iterable<File>) => void;
  readonly disabled: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="attach"
        aria-label="Attach files"
        title="Attach files (or drop or paste them)"
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="attach-input"
        onChange={(event) => {
          onPick([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </>
  );
}

/** What waits to be sent, above the field. */
export function PickedList({
  files,
  problem,
  onDrop,
}: {
  readonly files: readonly Picked[];
  readonly problem: string | null;
  readonly onDrop: (key: string) => void;
}) {
  if (files.length === 0 && problem === null) return null;
  return (
    <ul className="picked" aria-label={plural(files.length, 'file to send', 'files to send')}>
      {files.map(({ key, name }) => (
        <li key={key}>
          <Icon name="file" size={16} />
          <span>{name}</span>
          <button type="button" aria-label={`Remove ${name}`} onClick={() => onDrop(key)}>
            <Icon name="close" size={14} />
          </button>
        </li>
      ))}
      {problem !== null && <li role="alert">{problem}</li>}
    </ul>
  );
}

/** As Slack names kinds: by the ending of the name. */
function kindOf({ name, mimetype }: PageMessage['files'][number]): string {
  return /\.(\w{1,8})$/.exec(name)?.[1]?.toUpperCase() ?? mimetype;
}

/** Files of a message, as Slack draws them: pictures as pictures, everything else as a card. */
export function MessageFiles({ files }: { readonly files: PageMessage['files'] }) {
  if (files.length === 0) return null;
  return (
    <div className="files">
      {files.map((file) => {
        const address = `/playground/file/${encodeURIComponent(file.id)}`;
        return file.picture ? (
          <figure key={file.id} className="picture" data-testid="file">
            <figcaption>{file.name}</figcaption>
            <a href={address} target="_blank" rel="noreferrer">
              <img src={address} alt={file.alt || file.name} loading="lazy" />
            </a>
          </figure>
        ) : (
          <a key={file.id} className="file" data-testid="file" href={address} download={file.name}>
            <Icon name="file" size={20} />
            <span>
              {file.name}
              <span className="file-type">
                {kindOf(file)} · {sizeOf(file.size)}
              </span>
            </span>
          </a>
        );
      })}
    </div>
  );
}
