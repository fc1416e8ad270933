/**
 * Answers to a command that is not understood or can not be done as it was typed. Arguments go in as they are:
 * whatever a person typed is code or escaped already, where the sentence is Markdown.
 */

export const commandProblem = {
  unknownCommand: 'I do not know that command.',
  logTakes: 'Say nothing more, or `file`.',
  notPublic: (verb: string) => `The answer to ${verb} is for you only.`,
  forgetTakes: 'Use forget, forget here or forget everything.',
  takesNothing: (verb: string) => `Nothing follows ${verb}.`,
  unknownHelp: 'There is no command or setting of that name.',
  unknownSetting: 'I do not know that setting.',
  settingMissing: 'Say which setting.',
  valueMissing: (key: string, values: string) => `Say what ${key} should be: ${values}.`,
  scopeMissing: 'Say me, channel or workspace at the end.',
  wrongScope: (key: string, scopes: readonly string[]) => `${key} can be set for: ${scopes.join(', ')}.`,
  usageTakes: 'Usage takes me, channel or workspace, today, week or month, and csv.',
  budgetTakes: 'Say an amount such as $50, or none.',
  questionMissing: 'Say what you want to ask.',
} as const;

/** Behind a problem: what to do now. `command` is code. */
export const commandHint = {
  didYouMean: (command: string) => `Did you mean ${command}?`,
  help: '`/skein help` lists what I know.',
  models: '`/skein models` lists them.',
} as const;

/** In place of an answer, when the command could not be carried out. */
export const commandFailure = {
  databaseAway:
    'My database is away at the moment, so nothing was changed. Please try again in a minute. (DATABASE_UNREACHABLE)',
  unexpected: 'Something went wrong on my side. Please try again. (REPLY_FAILED)',
  noChannel: 'There is no channel here. Say me or workspace, or do it in the channel.',
  formNotOpened: 'The form could not be opened. Please try again.',
  notInChannel: 'I am not in this channel. Invite me with `/invite @skein`, then ask again.',
  questionNotTaken: 'Slack did not take the question. Please look whether it is there, then ask again.',
  /** `words`: code. */
  notAsked: (why: string, words: string) => `${why} These were your words: ${words}`,
  modelsUnreachable: 'I could not ask Claude for its models. Please try again in a moment.',
  fileNotTaken: 'Slack did not take the file. Please try again later.',
  fileUnclear:
    'Slack does not say whether it took the file. Please look into our direct messages before you ask again.',
  buttonUnreadable: 'I could not read that button. Please use forget again.',
  changedMeanwhile: 'Somebody changed this in the same moment. Please look again.',
} as const;

const FILE_LATE =
  'This takes longer than usual. The file may still come to our direct messages; look there before you ask for it again.';

/** After the time that a person waits for an answer; the work may still go on. */
export const commandLate = {
  /** For commands that change or send something, by verb: to repeat them could do it twice. */
  of: {
    set: 'This takes longer than usual. Look with `/skein show` whether it took effect before you try again.',
    reset:
      'This takes longer than usual. Look with `/skein show` whether it took effect before you try again.',
    ask: 'This takes longer than usual. Your question may still appear here; look for it before you ask again.',
    export: FILE_LATE,
    forget: 'This takes longer than usual. Use forget again in a minute: it tells what is left.',
  },
  /** For what is sent as a file. */
  file: FILE_LATE,
  nothingChanged:
    'This takes longer than usual, so I stopped waiting. Nothing was changed; please try again.',
} as const;
