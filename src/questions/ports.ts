import type { WriteOutcome } from '../reply/ports.ts';

/** Where a question is posted: in a thread, or as the root of one. */
interface QuestionPlace {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

/** What posting somebody's question needs of Slack. Nothing here throws. */
export interface QuestionPoster {
  /** One call, never repeated; `id` goes with it as metadata. Sends nothing once `allowed` says no (`failed`). */
  post(place: QuestionPlace, text: string, id: string, allowed: () => boolean): Promise<WriteOutcome>;
  /**
   * The ts of the post that carries `id`, among those later than `after`; null if there is certainly none,
   * 'unknown' if Slack can't be read now.
   */
  find(place: QuestionPlace, after: Date, id: string): Promise<string | null | 'unknown'>;
}
