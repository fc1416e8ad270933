import { VERBS } from '../../src/commands/verbs.ts';
import { KEY_NAMES, KEYS } from '../../src/settings/keys.ts';

/** `docs/commands.md`, from the same descriptions that grammar, help and forms are made from. */
export function commandsPage(): string {
  const commands = VERBS.map(
    ({ name, usage, line, byMention }) =>
      `| \`/skein ${name}${usage === '' ? '' : ` ${usage.replaceAll('|', '\\|')}`}\` | ${line} | ${
        byMention ? `\`@skein ${name}\`` : ''
      } |`,
  );
  const examples = VERBS.flatMap(({ examples: all }) => all.map((one) => one));
  const settings = KEY_NAMES.map((name) => {
    const { line, values, scopes, combine, personIn } = KEYS[name];
    const where = [...scopes].reverse().map((scope) => (scope === 'person' ? own(personIn) : scope));
    return `| \`${name}\` | ${line} | ${values} | ${where.join(', ')} | ${COMBINED[combine]} |`;
  });
  return `# Commands and settings

This page is made from the descriptions in \`src/commands/verbs.ts\` and \`src/settings/keys.ts\` by
\`npm run docs:commands\`; \`test/claims.test.ts\` compares them.

## Commands

Slash commands do not exist inside threads, so what is in the last column does the same there. Answers are for the one
who asked; \`--public\` at the end shows them to everybody, except those of \`settings\`, \`export\`, \`forget\` and \`ask\`.

| Command | What it does | In a thread |
| --- | --- | --- |
${commands.join('\n')}

Where no scope is said, a channel means its channel, a direct message you, and \`usage\` your own. A scope may also be a
mentioned person (admins) or channel. Quotes of any kind hold words together; the text of \`instructions\` needs none,
unless a scope follows it. Some that work:

\`\`\`text
${examples.join('\n')}
\`\`\`

## Settings

| Setting | What it decides | Values | Can be set for | Scopes together |
| --- | --- | --- | --- | --- |
${settings.join('\n')}

Scopes, most specific first: person, channel, workspace, deployment (\`DEFAULT_…\` variables). Everybody may change what
is their own; a channel's settings its members (not guests), unless \`channel_changes\` is \`admins\`; the workspace's its
admins and owners and \`ADMIN_USERS\`. A budget, access or retention that somebody else set is changed by admins only. Which
bots may ask, the web, connected servers, and alerts about budgets are for admins only. Rights are asked from Slack at the moment of the change, and every change is kept with who,
when, from and to. Members see what the workspace and their channels have set; guests see their own; people of other companies
see none of it. What the workspace spends is shown to admins, what a channel spends to its members.

In a direct message of other people, where Slack lets commands be typed too, \`show\`, \`context\`, \`export\` and the like are
about the direct messages with me, and \`ask\` is answered there. An export has the latest 200 conversations of its place, up to
20,000 messages and 10 MB; \`complete\` in the file says whether that was all.

Budgets count in months and days of UTC. Before Claude is asked, what the answer can cost at worst is set aside, so that
answers which are written at the same time never spend more than a budget together. With little left, an answer is cut where
the budget ends and can be gone on with when it was raised. At 80 per cent, and when too little is left for an answer, whoever
set the budget, \`ADMIN_USERS\` and admins who have set \`budget_alerts\` get a direct message (of a person's own budget: that
person). Under an answer that a budget refused, an admin can raise it by half, and at least by $1, with one press. A call to a model without a
known price counts at the dearest known one.

Retention counts from when a message was stored. What is older loses its words, once an hour, as with \`forget\`: texts,
answers with all their versions, and reasons of opinions, in the database only. Messages in Slack stay, and so do the
accounts, which hold no words. A question goes with its answer, and one that is being answered is left until it is over.
A limit of the deployment or the workspace holds everywhere in it: a channel, or a person in their direct messages, can
only shorten it.
`;
}

const COMBINED = {
  replace: 'the most specific wins',
  join: 'all are joined',
  tighten: 'a narrower one can only tighten',
} as const;

function own(personIn: 'direct' | 'everywhere'): string {
  return personIn === 'direct' ? 'me (in direct messages)' : 'me';
}
