import type { ServerProblem } from './tool-servers.ts';

/** What to do about a server of tools, by what is wrong. */
const serverTodo: Readonly<Partial<Record<ServerProblem, string>>> & { readonly unreachable: string } = {
  unreachable: 'Look whether it runs and may be reached from here; /skein tools removes it.',
  address: 'Whoever runs me may name its host in TOOL_HOSTS; /skein tools removes it.',
  host: 'Whoever runs me may name its host in TOOL_HOSTS; /skein tools removes it.',
  plain: 'Connect it again by https.',
  refused: 'Look at its address with its operator.',
  unauthorized:
    'Give it a new token with /skein tools, Change; or look whether TOKEN_ENCRYPTION_KEY is the one that sealed it.',
  no_oauth: 'Its operator must mend how people sign in; until then nobody can link an account.',
  no_tools: 'Look at it with its operator.',
  no_public_url: 'Whoever runs me must set PUBLIC_URL, so that accounts can be linked.',
  no_key: 'Whoever runs me must set TOKEN_ENCRYPTION_KEY.',
  unlinked: 'Link your own account with /skein tools, and run this again: it is asked in your name.',
};

/** What `doctor` says of each thing that it looks at: to whoever runs Skein, and to admins in Slack. */
export const doctorWords = {
  names: {
    configuration: 'Configuration',
    token: 'Slack token',
    scopes: 'Scopes',
    events: 'Events',
    clock: 'Clock',
    messages: 'Messages tab',
    database: 'Database',
    rights: 'Database rights',
    pooler: 'Pooler',
    connections: 'Connections',
    migrations: 'Migrations',
    disk: 'Disk',
    key: 'Model key',
    model: 'Model',
    price: 'Price',
    secrets: 'Stored tokens',
    installs: 'Workspaces',
    server: (name: string) => `Server ${name}`,
    servers: 'Connected servers',
  },
  configuration: {
    ok: 'every variable is understood.',
    todo: 'Mend the variable and run this again; the other checks need it.',
  },
  token: {
    ok: (name: string) => `Slack takes it; it belongs to ${name}.`,
    refused: (word: string) => `Slack refuses it (${word}).`,
    away: (why: string) => `Slack could not be reached (${why}).`,
    install: 'Install the app again and set the new token.',
    again: 'Install the app again at /slack/install in that workspace.',
    way: 'Look at the network, SLACK_API_URL and HTTPS_PROXY.',
    left: (count: number) => `${count} further workspaces were not looked at.`,
    leftTodo: 'SLACK_AUTH_FAILED in the log names those whose token is refused.',
  },
  scopes: {
    ok: (count: number) => `it has all ${count} scopes of manifest.yml.`,
    missing: (scopes: string) => `it lacks ${scopes}.`,
    todo: 'Take manifest.yml into the app’s settings and install the app again.',
    unknown: 'Slack did not name its scopes.',
  },
  events: {
    socketOk: 'Slack gives connections for Socket Mode.',
    socketRefused: (word: string) => `Slack gives no connection for Socket Mode (${word}).`,
    socketTodo:
      'Make an app-level token with connections:write, and switch Socket Mode on in the app’s settings.',
    httpOk: (url: string) => `${url} answers a signed request.`,
    httpWrong: (url: string, why: string) => `${url} does not answer a signed request (${why}).`,
    httpTodo:
      'Start Skein, let the load balancer send /slack/ to it, and set the SLACK_SIGNING_SECRET of this app in every process.',
    httpUnchecked: 'without PUBLIC_URL nobody knows where to ask.',
    httpUncheckedTodo: 'Set PUBLIC_URL, or press Retry beside the Request URL in the app’s settings.',
    works: 'this process works only and takes none.',
  },
  clock: {
    ok: 'it is right.',
    off: (seconds: number) => `it is ${seconds} s off Slack’s.`,
    todo: 'Set it by NTP: Slack’s requests are refused when it is off by five minutes.',
    unknown: 'Slack did not say what time it is.',
  },
  messages: {
    ok: (day: string) => `somebody wrote to the app on ${day}, so direct messages are allowed.`,
    unchecked:
      'nobody wrote to the app in the last week, and Slack does not tell a bot whether that is allowed.',
    todo: 'Write “hello” to the app. If Slack says that sending messages to it is turned off: in the app’s settings, App Home, Messages Tab on, and “Allow users to send messages” ticked.',
  },
  database: {
    ok: (version: string) => `PostgreSQL ${version} answers and takes writes.`,
    old: (version: string) => `PostgreSQL ${version} is older than 15.`,
    oldTodo: 'Use PostgreSQL 15 or newer.',
    readOnly: 'it takes no writes (a standby, or full).',
    readOnlyTodo: 'Let DATABASE_URL lead to the primary.',
    away: (why: string) => `it could not be reached (${why}).`,
    awayTodo: 'Look at DATABASE_URL, the network and the login.',
    embedded: 'the embedded server starts with Skein; while that is stopped nothing can be asked of it.',
    embeddedTodo: 'Run /skein doctor in Slack, or this while Skein runs.',
  },
  rights: {
    ok: 'the role may create and change what is needed.',
    wrong: 'the role may not create in this database.',
    todo: 'grant create on database … to …',
  },
  pooler: {
    ok: 'each connection is one session.',
    direct: 'statements go through a pooler, and what needs a session goes to DATABASE_DIRECT_URL.',
    wrong: 'a pooler gives each transaction another session.',
    todo: 'Set DATABASE_DIRECT_URL to the server itself.',
  },
  connections: {
    found: (free: number, most: number) => `${free} of ${most} are free.`,
    todo: (need: number) => `Each process may take ${need}; raise max_connections or lower DATABASE_POOL.`,
  },
  migrations: {
    ok: 'the database is of this version.',
    missing: (count: number) => `${count} are not applied yet.`,
    missingTodo: 'They are applied when Skein starts.',
    newer: 'a newer Skein changed it.',
    newerTodo: 'Start that version, or restore a backup, if this one does not start.',
  },
  disk: {
    found: (free: string) => `${free} free where the embedded server keeps its data.`,
    todo: 'Make room; a full disk stops everything.',
    unknown: 'the directory can’t be looked at.',
  },
  key: {
    ok: 'the API takes it.',
    wrong: (code: string) => `the API does not (${code}).`,
    todo: 'docs/errors.md says what the code means.',
    none: 'this process asks no model.',
  },
  model: {
    ok: (id: string) => `${id} is offered.`,
    missing: (id: string) => `${id} is not offered to this key.`,
    missingTodo: 'Choose another DEFAULT_MODEL, or look at the account’s rights.',
    retires: (id: string, day: string) => `${id} retires on ${day}.`,
    retired: (id: string) => `${id} is retired.`,
    retiresTodo: 'Choose a newer one in time.',
  },
  server: {
    ok: (tools: number) =>
      `it answers, and lists ${tools === 1 ? 'the one tool' : `the ${tools} tools`} that an admin accepted.`,
    late: 'it did not answer in time.',
    changed: 'it lists other tools than an admin accepted; those of before count.',
    left: (count: number) => `${count} further ones of this workspace were not looked at.`,
    leftTeams: (count: number) => `those of ${count} further workspaces were not looked at.`,
    leftTodo: 'Admins of a workspace see theirs with /skein tools and /skein doctor.',
    unchecked: 'they stand in the database.',
    uncheckedTodo: 'Run this again when the database answers and Skein has started once.',
    todoChanged: 'Look at what differs with /skein tools, and accept it or remove the server.',
    todo: serverTodo,
  },
  price: {
    ok: (id: string) => `the price of ${id} is known.`,
    unknown: (id: string) => `the price of ${id} is not known.`,
    todo: 'Budgets count it at the dearest known price; a newer Skein may know it.',
  },
  secrets: {
    ok: (count: number) => `${count} can be read.`,
    wrong: (ids: string) => `those of ${ids} can’t be read.`,
    todo: 'Put the key that sealed them behind the first one in TOKEN_ENCRYPTION_KEY, or install the app there again.',
  },
  installs: {
    none: 'nobody has installed the app yet.',
    noneTodo: (url: string) => `Open ${url}/slack/install.`,
    some: (count: number) => `${count} installed the app.`,
    unchecked: 'who installed the app stands in the database.',
    uncheckedTodo: 'Run this again when the database answers and Skein has started once.',
  },
  answer: {
    title: '**What I found**',
    marks: { ok: '✅', warning: '⚠️', wrong: '❌', unchecked: '❔' },
  },
} as const;
