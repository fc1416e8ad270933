/** The commands of `/skein`: what may follow each, and one line of what it does, for help and documentation. */
export const verbWords = {
  help: {
    usage: '[command or setting]',
    line: 'What I can do, or more about one command or setting.',
  },
  settings: {
    usage: '[me | channel | workspace]',
    line: 'Opens a form with the settings.',
  },
  show: {
    usage: '[me | channel | workspace]',
    line: 'What is set, where each value comes from, who set it and when.',
  },
  set: {
    usage: 'SETTING VALUE [me | channel | workspace]',
    line: 'Changes a setting: in a channel for that channel, in a direct message for you, unless you say where.',
  },
  reset: {
    usage: 'SETTING [me | channel | workspace]',
    line: 'Takes a setting away, so that the next wider scope decides.',
  },
  models: {
    usage: '',
    line: 'The models that can be chosen, with prices and days of retirement.',
  },
  usage: {
    usage: '[me | channel | workspace] [today | week | month] [csv]',
    line: 'Answers, tokens, the share read from the cache and cost, as charts and a table, or as a CSV file.',
  },
  budget: {
    usage: '[AMOUNT | none] [day | month] [me | channel | workspace]',
    line: 'What may be spent and what is left; with an amount it sets the budget.',
  },
  context: {
    usage: '',
    line: 'What Claude is given of the latest conversation here: messages, people, tokens, which tools it may call, and which of them without asking again.',
  },
  export: {
    usage: '',
    line: 'Sends you the conversations of this place as a file.',
  },
  forget: {
    usage: '[here | everything]',
    line: 'Deletes what you wrote to me and my answers from my memory, after asking back.',
  },
  key: {
    usage: '',
    line: 'A key of the Claude API for this workspace alone, so that its own account pays; for admins.',
  },
  tools: {
    usage: '[connect [NAME ADDRESS [workspace | person]] | link NAME | unlink NAME]',
    line: 'Connected servers of tools: what they may do, your own accounts there; for admins: connect, change, remove.',
  },
  log: {
    usage: '[file]',
    line: 'Who changed, exported, forgot or installed what and when; for admins.',
  },
  doctor: {
    usage: '',
    line: 'Looks at tokens, scopes, database and model, and says what to do; for admins.',
  },
  ask: {
    usage: 'QUESTION',
    line: 'Posts your question in this channel and answers in its thread.',
  },
} as const;
