import { type RenderLimits, slackLimits } from '../../render/limits.ts';
import { divide, limitsBelow } from '../../render/smaller.ts';
import type { Look, SegmentLook } from './plan.ts';

/** After so many divisions what Slack minds is not the size. */
const MOST = 2;

/** Segments that Slack refused as they were, as several smaller ones each: in further messages of the reply. */
interface Divisions {
  /** `look` with the segments that are to be divided in their parts. */
  of(look: Look): Look;
  /**
   * The segment at `index` of the last look that `of` gave was refused; `tables`: for having more than one. True: it
   * comes in smaller parts from now on. False: it is small already, or was divided often enough.
   */
  refused(index: number, tables?: boolean): boolean;
}

export function createDivisions(): Divisions {
  /** By the index of the segment in the undivided look. */
  const cuts = new Map<number, { limits: RenderLimits; times: number }>();
  let origins: readonly number[] = [];
  let shown: readonly SegmentLook[] = [];

  return {
    of(look) {
      const parts = look.segments.map((segment, index) => {
        const cut = cuts.get(index);
        return cut === undefined ? [segment] : partsOf(segment, cut.limits);
      });
      origins = parts.flatMap((each, index) => each.map(() => index));
      shown = parts.flat();
      return cuts.size === 0 ? look : { ...look, segments: shown };
    },
    refused(index, tables = false) {
      const origin = origins[index];
      const markdown = shown[index]?.content.markdown ?? '';
      const limits = tables ? { ...slackLimits, tables: 1 } : limitsBelow(markdown);
      if (origin === undefined || limits === null) return false;
      const times = (cuts.get(origin)?.times ?? 0) + 1;
      if (times > MOST) return false;
      cuts.set(origin, { limits, times });
      return true;
    },
  };
}

/** Notice and buttons stand under the last part; a part that another follows does not change any more. */
function partsOf(segment: SegmentLook, limits: RenderLimits): SegmentLook[] {
  const parts = divide(segment.content.markdown, limits);
  if (parts.length === 0) return [segment];
  return parts.map((markdown, index) =>
    index === parts.length - 1
      ? { content: { ...segment.content, markdown }, sealed: segment.sealed, settled: '' }
      : {
          content: { ...segment.content, markdown, notice: null, buttons: [], over: true },
          sealed: true,
          settled: markdown,
        },
  );
}
