/** Lines under an answer about files that were not read, or not as a whole. Plain text, no markup. */

/** While files are fetched and read. */
export const READING_FILES = 'Reading the files…';

/** Above an answer that goes to its asker as a file. */
export const LOST_ANSWER =
  'I couldn’t put my answer where you asked me: the place is gone, or I may not write there any more. Here it is.';

/** By the reason, as `files/made.ts` names them. */
const REASONS: Readonly<Record<string, string>> = {
  kind: 'this kind of file I can’t read',
  old_office: 'an Office format from before 2007, or one with a password: save it anew without, please',
  media: 'sound and video I can’t read',
  no_transcript: 'Slack has no transcript of it yet: ask again in a moment',
  empty: 'it is empty',
  broken: 'it could not be read',
  locked: 'it has a password',
  too_large: 'it is too large for me',
  too_many_pages: 'it has more pages than I can read',
  too_many: 'too many files at once',
  no_right: 'Slack doesn’t let me read it; an admin may have to install me anew (files:read)',
  gone: 'it was deleted',
  hidden: 'Slack hides it, because it is beyond the limit of a free workspace',
  elsewhere: 'it is kept outside of Slack',
  slow: 'reading it took too long: ask again in a moment',
  slack: 'Slack didn’t give it to me: ask again in a moment',
  not_kept: 'I don’t keep it any more',
  refused: 'Claude could not read it',
};
/** Names in one line: more would push the answer out of sight. */
const MOST_NAMED = 8;
const MOST_NAME = 60;

/** What was not read for an answer; null: all of it was. `why` null: a part was left out. */
export function filesNotRead(
  files: readonly { readonly name: string; readonly why: string | null }[],
): string | null {
  if (files.length === 0) return null;
  const named = files
    .slice(0, MOST_NAMED)
    .map(
      ({ name, why }) =>
        `${short(name)} (${why === null ? 'only a part of it, it is long' : (REASONS[why] ?? REASONS['broken'])})`,
    );
  const more = files.length - named.length;
  return `Not read: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

function short(name: string): string {
  const points = [...name];
  return points.length <= MOST_NAME ? name : `${points.slice(0, MOST_NAME - 1).join('')}…`;
}
