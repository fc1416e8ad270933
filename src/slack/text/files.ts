import type { SlackFile } from './content.ts';
import { cleanName } from './names.ts';

/** A file as one line, and below it what is said in it where Slack wrote that down. */
export function fileLine({ name, mimetype, transcript }: SlackFile): string {
  const called = cleanName(name ?? '') || 'without a name';
  const type = cleanName(mimetype ?? '');
  const line = type === '' ? `[attached file: ${called}]` : `[attached file: ${called}, ${type}]`;
  if (transcript === null || transcript === undefined) return line;
  const cut = transcript.cut ? ', only the beginning of it' : '';
  return `${line}\n[what is said in it, as Slack wrote it down${cut}] ${transcript.words}`;
}
