import { many } from './numbers.ts';

/** What people read of tools that Claude uses: the line while it does, what could not be looked up, where it comes from. */

/** While the web is searched. `query`: one line, in the words of the model; '': not known. */
export function searching(query: string): string {
  return query === '' ? 'Searching the web…' : `Searching the web: ${query}…`;
}

/** While a page is read. `host`: ''  where it is not known. */
export function reading(host: string): string {
  return `Reading ${host === '' ? 'a page' : host}…`;
}

/** While tools of connected servers work. `title`: as the server calls it; `more`: so many others at once. */
export function calling(server: string, title: string, more: number): string {
  return `Calling ${server}: ${title}${more > 0 ? ` and ${more} more` : ''}…`;
}

/** While a call is written of which no more is known yet. */
export const USING = 'Calling a tool…';

/** While a person has the next word about a call, or about what it gave. */
export const WAITING_FOR_PERSON = 'Waiting for a decision about what I may do…';

/** Above the list of what an answer goes back to. */
export const SOURCES = 'Sources';
/** In front of a page that was read, where no number in the text names it. */
export const READ = 'Read:';

/** Why something was not found out, by the provider's code; what is not here is not known. */
const WHY: Readonly<Record<string, string>> = {
  too_many_requests: 'there were too many at once',
  max_uses_exceeded: 'this answer had used up what it may look up',
  unavailable: 'the web could not be reached just now',
  query_too_long: 'it was too long',
  request_too_large: 'it was too large',
  url_too_long: 'its address is too long',
  url_not_allowed: 'it is not among the hosts that I may read',
  url_not_in_prior_context: 'I may only read addresses that somebody wrote here or that a search found',
  url_not_accessible: 'it did not answer, or asks for a login',
  unsupported_content_type: 'it is of a kind that I can’t read',
  content_too_large: 'it is too large',
};

/** Under an answer for which a search failed, or a page could not be read. `host`: '' for a search; `times`: how often. */
export function missed({
  kind,
  code,
  host,
  times,
}: {
  readonly kind: 'search' | 'page';
  readonly code: string;
  readonly host: string;
  readonly times: number;
}): string {
  const why = WHY[code];
  const what =
    kind === 'search'
      ? `${times === 1 ? 'A search' : many(times, 'search', 'searches')} of the web failed`
      : `${host === '' ? 'A page' : `A page of ${host}`} could not be read`;
  return why === undefined ? `${what}.` : `${what}: ${why}.`;
}

/** Under an answer that was written without the web, though it is switched on; the first once in a thread. */
export const toolNotes = {
  web_forbidden:
    'The web is switched on here, but the account with Claude, or this model, does not allow it: this answer was written without.',
  web_rejected:
    'Claude did not take this thread together with what was found on the web before: this answer was written without.',
  tools_rejected:
    'Claude did not take the list of the tools that are connected here: this answer was written without them. An admin can see them with /skein tools.',
  tools_limited: 'I have called as much as one answer may, and answered with what was there.',
  web_unaffordable:
    'What is left of a budget does not pay for what searches of the web may come to: this answer was written without.',
} as const;

/** An answer that looked things up for too long. */
export const ROUNDS_OVER = 'I have looked up as much as one answer may; it ends here.';

/** In the line under an answer. */
export function searches(made: number): string {
  return many(made, 'search', 'searches');
}
