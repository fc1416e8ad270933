/** The form in which an admin gives a workspace a key of the Claude API of its own, and what comes of it. */
export const MODEL_KEY = {
  title: 'Key of the Claude API',
  submit: 'Test and save',
  close: 'Cancel',
  label: 'API key of this workspace',
  hint: 'Begins with sk-ant-. Left empty, the key is taken away and whoever runs me pays again.',
  placeholder: 'sk-ant-…',
  none: 'Answers in this workspace are paid by whoever runs me. With a key of your own they are billed to your account.',
  set: (day: string) =>
    `This workspace has had a key of its own since ${day}. It is stored encrypted, and nobody is shown it again.`,
  saved: 'Claude takes the key. It is stored encrypted, and holds from the next answer on.',
  removed: 'The key is taken away. Whoever runs me pays from the next answer on.',
  nothing: 'There was no key, and there is none now.',
} as const;

/** Under the field. */
export const MODEL_KEY_PROBLEMS = {
  form: 'That is no key of the Claude API. It begins with sk-ant-, and keys of the Admin API do not work.',
  refused: (code: string) => `Claude does not take this key (${code}).`,
  away: 'Claude could not be asked just now. Please try again in a moment.',
  not_stored: 'The key could not be stored. Please try again in a moment.',
  not_admin: 'Only admins of the workspace can change this.',
} as const;

/** The answer to the command. */
export const modelKeyAnswer = {
  notHere: 'Keys of workspaces can’t be stored here: whoever runs me must set TOKEN_ENCRYPTION_KEY.',
  noForm: 'The form could not be opened. Please type the command again.',
} as const;
