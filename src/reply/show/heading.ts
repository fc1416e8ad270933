/** Longest title of a conversation, in characters; Slack shows about this much in its list. */
const MOST_TITLE = 60;

/** A conversation's title: the first words of its question, without markup; null if there are none. */
export function titleOf(question: string): string | null {
  const words = question
    .replace(/```[\s\S]*?(?:```|$)/g, ' ')
    .replace(/!?\[([^[\]]*)\]\([^)]{0,500}\)/g, '$1')
    .replace(/[*_`~#>|<]+/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  let title = '';
  for (const word of words) {
    const longer = title === '' ? word : `${title} ${word}`;
    if ([...longer].length > MOST_TITLE) {
      const begun = title === '' ? [...word].slice(0, MOST_TITLE).join('') : title;
      return `${begun}…`;
    }
    title = longer;
  }
  return title === '' ? null : title;
}
