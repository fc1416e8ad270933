import type { Chart } from '../../render/chart.ts';
import * as notices from '../../words/reply.ts';
import type { Look, SegmentLook } from './plan.ts';

interface LookOptions {
  readonly settled?: string;
  /** The charts in the text of the reply. */
  readonly charts?: readonly Chart[];
  readonly over?: boolean;
}

/**
 * Segments with the notice and the buttons under the last one; a notice alone if there is no text. `settled` is the
 * beginning of the open segment that stays as it is; `over`: none of them grows any more.
 */
export function lookOf(
  segments: readonly { readonly markdown: string; readonly sealed: boolean }[],
  { notice, buttons }: Pick<SegmentLook['content'], 'notice' | 'buttons'>,
  { settled = '', charts = [], over = false }: LookOptions = {},
): Look {
  if (segments.length === 0)
    return {
      segments: [{ content: { markdown: '', notice: notice ?? notices.NOTHING, buttons }, sealed: false }],
    };
  // A segment after an open one is a preview that may still move: it is posted once the one before is sealed.
  const open = segments.findIndex(({ sealed }) => !sealed);
  const shown = open < 0 ? segments : segments.slice(0, open + 1);
  return {
    segments: shown.map(({ markdown, sealed }, index) => {
      const isLast = index === shown.length - 1;
      return {
        content: {
          markdown,
          notice: isLast ? notice : null,
          buttons: isLast ? buttons : [],
          ...(over || (sealed && !isLast) ? { over: true, charts } : {}),
        },
        sealed: sealed && !isLast,
        settled: index === open ? settled : markdown,
      };
    }),
  };
}
