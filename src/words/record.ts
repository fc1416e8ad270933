/** The answer to `log`: what people did, by kind. Arguments are Markdown: names escaped, ids as code. */
export const recordAnswer = {
  title: '**What was done in this workspace**',
  head: ['When (UTC)', 'Who', 'What', 'Where'],
  nothing: 'Nothing is recorded yet.',
  more: (shown: number) =>
    `The last ${shown}. \`/skein log file\` sends you all as a file, one line of JSON for each.`,
  fileTitle: 'What was done, as lines of JSON',
  sent: (count: number) => `I sent you a file with ${count} ${count === 1 ? 'line' : 'lines'}.`,
  nobody: 'Slack or I',
  what: {
    set: (setting: string) => `changed ${setting}`,
    installed: 'installed the app',
    token_rotated: 'exchanged the token',
    uninstalled: 'took the app out, or its token died',
    channel_moved: 'moved a channel here from another workspace of the organisation, with its settings',
    workspace_joined:
      'put a workspace that had the app for itself under the organisation: its channels and what people set came along, the workspace’s own settings and key did not',
    model_key_set: 'set the key of the Claude API',
    model_key_removed: 'took the key of the Claude API away',
    exported: (count: number) => `exported ${count} ${count === 1 ? 'conversation' : 'conversations'}`,
    forgot: (count: number) => `had ${count} of their ${count === 1 ? 'message' : 'messages'} forgotten`,
  },
  where: {
    workspace: 'workspace',
    everywhere: 'everywhere',
  },
  other: (what: string) => what,
} as const;
