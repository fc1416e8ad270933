/** `/skein help`. Lines about single commands and settings come from their own descriptions. */

export const helpOverview = {
  intro:
    'Mention me in a channel or write to me in a direct message: I answer in the thread, in one message that grows while I write. Each thread is one conversation, and I remember all of it.',
  inThreads: (commands: readonly string[]) =>
    `In threads, where there are no slash commands, mention me instead: ${commands.join(', ')}.`,
  public: 'Answers are for you only, unless `--public` is at the end.',
  settings: (names: readonly string[]) =>
    `Settings: ${names.join(', ')}. \`/skein help SETTING\` tells more.`,
} as const;

/** Help about one command. */
export const helpVerb = {
  inThread: (name: string) => `In a thread: \`@skein ${name}\`.`,
} as const;

/** Help about one setting. The sentences behind the scopes begin with the blank before them. */
export const helpSetting = {
  values: (values: string) => `- Values: ${values}.`,
  scopes: (scopes: readonly string[], where: string, how: string) =>
    `- Can be set for: ${scopes.join(', ')}.${where}${how}`,
  ownInDirect: ' Your own holds in direct messages with me.',
  ownEverywhere: ' Your own holds wherever you ask.',
  tightens: ' A narrower scope can only tighten it.',
  joins: ' What each scope says is joined.',
  nearestWins: ' The most specific scope wins.',
  howToSet: (name: string) =>
    `- To set it: \`/skein set ${name} VALUE\`; to take it away: \`/skein reset ${name}\`.`,
} as const;
