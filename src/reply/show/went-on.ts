import { createRenderer, type RenderedSegment } from '../../render/renderer.ts';
import type { StoredReply } from '../store.ts';

/**
 * A text that was over was shown to its last character; gone on with, half a table row or a half-open mark at its
 * end would be held back again until more of it has come. Returns what to show of the durable text instead of `growing`
 * as long as that is less than people have read; null where nothing was over before.
 */
export function keepShown(
  { log, openedAt, begunAt }: Pick<StoredReply, 'log' | 'openedAt' | 'begunAt'>,
  steady: boolean,
): ((growing: readonly RenderedSegment[], durable: string) => readonly RenderedSegment[]) | null {
  // A version that is begun by a press is opened in the same moment.
  if (log === '' || openedAt.getTime() <= begunAt.getTime()) return null;
  const least = lengthOf(asFinished(log, steady));
  let reached = false;
  return (growing, durable) => {
    reached ||= lengthOf(growing) >= least;
    return reached ? growing : asFinished(durable, steady);
  };
}

function asFinished(text: string, steady: boolean): readonly RenderedSegment[] {
  const renderer = createRenderer({ steady });
  renderer.push(text);
  renderer.finish();
  return renderer.segments();
}

function lengthOf(segments: readonly RenderedSegment[]): number {
  return segments.reduce((sum, { markdown }) => sum + markdown.length, 0);
}
