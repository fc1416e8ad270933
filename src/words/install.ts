/** The pages that a person meets who installs the app for a workspace. Plain words; the pages escape them. */

export const INSTALL = {
  title: 'Add Skein to Slack',
  lead: 'Skein answers mentions and direct messages with Claude, in one message that grows while the words arrive.',
  what: 'Slack shows what it may read and write before anything is installed. Answers come from a language model and can be wrong.',
  button: 'Add to Slack',
  noCookies: 'Your browser must accept cookies of this page until you are back from Slack.',
} as const;

export function installed(name: string, wide: boolean): { title: string; lines: string[] } {
  return wide
    ? {
        title: `Skein is installed for ${name}`,
        lines: [
          'It is installed for the organisation, and silent in a workspace until it is added there: an admin of the organisation does that in Slack’s administration under Integrations, Installed apps.',
          'Then invite it to a channel and mention it there, or write to it in a direct message.',
        ],
      }
    : {
        title: `Skein is installed in ${name}`,
        lines: ['Invite it to a channel and mention it there, or write to it in a direct message.'],
      };
}

export const AFTER = {
  settings: 'Admins of the workspace find its settings, budgets and limits of access under /skein settings.',
  open: 'Open Slack',
} as const;

/** `days`: after how many, 0 for at once. */
export function erasedAfter(days: number): string {
  if (days === 0)
    return 'If you remove the app from Slack, everything stored of you is erased within an hour.';
  const term = days === 1 ? 'a day' : `${days} days`;
  return `If you remove the app from Slack, it stops at once, and everything stored of you is erased after ${term}. Installing it again before that keeps it.`;
}

export type InstallProblem =
  | 'cancelled'
  | 'not_begun_here'
  | 'too_old'
  | 'used'
  | 'refused'
  | 'no_bot'
  | 'org_has_it'
  | 'slack_away'
  | 'database_away';

export const INSTALL_FAILED = 'Skein was not installed';

export const INSTALL_PROBLEMS: Readonly<Record<InstallProblem, string>> = {
  cancelled: 'You cancelled, so nothing was installed.',
  not_begun_here:
    'The way to Slack was not begun in this browser, or it takes no cookies of this page. Nothing was installed. Begin again here.',
  too_old: 'More than ten minutes passed, so what Slack sent back is not taken any more. Begin again here.',
  used: 'This page was shown before: what Slack sent back works once. If the app is in your workspace, all is well.',
  refused:
    'Slack did not confirm the installation. Begin again here; if it happens again, tell whoever runs Skein.',
  no_bot: 'Slack gave no bot to work as. Whoever runs Skein must look at the scopes of the Slack app.',
  org_has_it:
    'Your organisation has installed Skein for all of its workspaces already. Ask one of its admins to add it to yours.',
  slack_away: 'Slack could not be reached just now. Begin again here in a moment.',
  database_away: 'What Slack sent could not be stored just now. Begin again here in a moment.',
};

export const BEGIN_AGAIN = 'Begin again';
