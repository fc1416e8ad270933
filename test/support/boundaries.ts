import { codeOf, exportsOf, importsOf, type Sources } from './source.ts';

/**
 * Who may import whom: only from a lower rank, never sideways; files of one folder may import each other.
 * A folder that is not named here may not exist.
 */
const RANKS: readonly (readonly string[])[] = [
  [
    'errors.ts',
    'clock.ts',
    'log.ts',
    'amounts.ts',
    'tokens.ts',
    'database-url.ts',
    'defaults.ts',
    'domains.ts',
    'send-guard.ts',
    'proxy.ts',
    'tool-hosts.ts',
    'incoming.ts',
  ],
  // What people read: pure, so that all of it can be translated at one place.
  ['config-values.ts', 'config-defaults.ts', 'config-install.ts', 'postgres', 'words', 'render'],
  [
    'config.ts',
    'settings',
    'jobs',
    'conversation',
    'ledger',
    'allowances',
    'operations',
    'erasure',
    'installations',
    'record',
  ],
  // What the ledger says against what the settings allow, who may ask by them, and who may see and change those.
  ['budgets', 'people', 'tools', 'files'],
  ['reply', 'views', 'welcome'],
  // `controls` opens replies again, and admission tells it of presses and edits.
  ['commands', 'controls'],
  ['admission'],
  // Questions that come by a form or a command: posted by us, and taken by admission as if they had been said.
  ['questions', 'shortcuts'],
  ['dispatch.ts'],
  ['slack', 'model'],
  [
    'calling.ts',
    'chores.ts',
    'connecting.ts',
    'doctor',
    'pacing.ts',
    'servers.ts',
    'watching.ts',
    'workspaces.ts',
  ],
  ['bot.ts'],
  ['main.ts', 'playground'],
];

/** Which files may import a package. `*` is any one name. A package that is not named here may not be used. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'drizzle-orm': ['postgres/', '*/store.ts', '*/*/store.ts', '*/tables.ts', '*/*/tables.ts'],
  // Presence needs a connection of its own, the tasks hand the pool on to their library, and the playground's
  // books look at the bot's tables from outside.
  pg: ['postgres/', 'jobs/presence.ts', 'jobs/tasks.ts', 'chores.ts', 'playground/books.ts'],
  'graphile-worker': ['jobs/tasks.ts', 'postgres/migrate.ts'],
  '@slack/bolt': ['slack/', 'playground/slack/'],
  '@slack/web-api': ['slack/', 'playground/slack/'],
  '@anthropic-ai/sdk': ['model/'],
  '@slack/socket-mode': ['slack/receive/'],
  '@slack/oauth': ['slack/install/'],
  pino: ['log.ts'],
  // Both decide where calls may go.
  undici: ['proxy.ts', 'slack/guards/request.ts', 'tools/mcp/outgoing.ts'],
  '@opentelemetry/api': ['operations/traces.ts'],
  'prom-client': ['operations/metrics.ts'],
  // Pure: what comes from outside is read by schemas, wherever that is.
  // Hostile bytes are read in one folder.
  sharp: ['files/convert/image.ts', 'files/convert/image-process.ts'],
  // Servers of tools that a workspace connected.
  '@modelcontextprotocol/client': ['tools/mcp/'],
  // A real server of tools, which the stand-in is made of.
  '@modelcontextprotocol/server': ['playground/'],
  saxes: ['files/convert/xml.ts'],
  zod: ['*'],
  'lru-cache': ['*'],
  ws: ['playground/slack/'],
  esbuild: ['playground/bundle.ts'],
  // The playground's workspace offers what the manifest says.
  yaml: ['playground/slack/manifest.ts'],
  react: ['playground/page/'],
  'react-dom': ['playground/page/'],
  'react-markdown': ['playground/page/'],
  'remark-gfm': ['playground/page/'],
};

/** Parts of Node.js that touch the world outside the process, and who may. */
const EFFECTS = /^node:(?:fs|http|https|http2|net|tls|dgram|child_process|worker_threads|cluster)\b/;
// Of files the thread and the process in which they are converted.
const EFFECT_PLACES = [
  'postgres/',
  'operations/',
  'slack/receive/',
  'slack/install/',
  'playground/',
  'files/convert/',
  // Where a name leads is looked at before anything goes there.
  'tools/mcp/',
];

/** Words for time, chance, the environment and all columns, and who may say them. */
const WORDS: readonly { word: RegExp; what: string; places: readonly string[] }[] = [
  {
    word: /\b(?:Date\.now|performance\.now|setTimeout|setInterval|Math\.random|AbortSignal\.timeout)\b|\bnew Date\(\)|\bnode:timers\b/,
    what: 'time and chance come from clock.ts',
    // The page is a program of the browser: nothing hands it a clock.
    places: ['clock.ts', 'playground/page/'],
  },
  {
    word: /\bprocess\.env\b/,
    what: 'only a main.ts reads the environment',
    // The bundler replaces this text inside React's code; nothing is read.
    places: ['main.ts', 'playground/main.ts', 'playground/bundle.ts'],
  },
  {
    // A kept plan breaks when a newer process adds a column to what it returns.
    word: /\b(?:select|returning)\s+(?:\w+\.)?\*/,
    what: 'statements name their columns',
    places: [],
  },
];

/** Tables of other folders that a folder's statements name. Its own, which its `tables.ts` has, it names as it likes. */
export const FOREIGN_TABLES: Readonly<Record<string, readonly string[]>> = {
  // Commit 1, and what it needs to know.
  admission: ['conversations', 'replies', 'seen'],
  budgets: ['spent'],
  // `context`, `export` and `forget` are about all of a thread.
  commands: [
    ...['conversations', 'replies', 'summaries', 'messages', 'attachments', 'feedback', 'tool_grants'],
  ],
  // What people press changes an answer, as it is stored.
  controls: [
    ...['messages', 'replies', 'conversations', 'segments', 'pieces', 'answer_blocks', 'tool_calls'],
  ],
  conversation: ['replies'],
  // Words, wherever they are.
  erasure: [
    ...['installations', 'conversations', 'replies', 'mailboxes', 'messages', 'versions', 'pieces'],
    ...['answer_blocks', 'tool_calls', 'feedback', 'instructions'],
  ],
  files: ['messages', 'replies'],
  // What moves with a channel, and what goes with a workspace.
  installations: [
    ...['conversations', 'settings', 'setting_changes', 'mailboxes', 'messages', 'contents', 'attachments'],
    ...['seen', 'refusals', 'pending_questions', 'budget_alerts', 'usage', 'reservations', 'summaries'],
    ...['replies', 'jobs'],
  ],
  people: ['seen', 'messages', 'conversations', 'replies'],
  record: ['setting_changes'],
  reply: ['messages', 'conversations', 'jobs', 'workers', 'versions'],
  views: ['usage', 'replies', 'conversations', 'messages'],
};

const MOST_LINES = 400;

/** Exports that only tests use, each with its reason. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'jobs/store.ts#wakeMailbox': 'statements wake by `waking`; the tests of leases by this',
  'config.ts#VARIABLES': 'docs/configuration.md is compared with it',
  'playground/slack/seed.ts#northwindAgain': 'a second workspace, which the page does not have',
};

/** Everything in `sources` (the files below `src` and `playground`, and those that use them) that breaks a rule, in words. */
export function violations(sources: Sources): string[] {
  const found: string[] = [];
  for (const [path, text] of sources) {
    const file = inSrc(path);
    if (file === null) continue;
    const say = (what: string) => found.push(`${path}: ${what}`);
    if (/(?:^|\/)index\.[cm]?tsx?$/.test(file))
      say('a barrel file; import from the file that owns the thing');
    const lines = text.split('\n').length - 1;
    if (lines > MOST_LINES) say(`${lines} lines; split it by noun (at most ${MOST_LINES})`);
    checkImports(path, file, text, say);
    for (const { word, what, places } of WORDS)
      if (!isIn(file, places) && word.test(codeOf(text)))
        say(`${what}; it says ${word.exec(codeOf(text))?.[0]}`);
  }
  const named = foreignTables(sources).filter(({ unit, table }) => !FOREIGN_TABLES[unit]?.includes(table));
  const tables = named.map(
    ({ path, table, owner }) => `${path}: names the table ${table}, which is ${owner}'s`,
  );
  return [...found, ...tables, ...unusedExports(sources)];
}

/** Tables that are named in statements (`skein.…`) outside the folder that owns them. */
export function foreignTables(
  sources: Sources,
): { path: string; unit: string; table: string; owner: string }[] {
  const owners = new Map<string, string>();
  for (const [path, text] of sources)
    if (/^src\/(?:\w+\/)+tables\.ts$/.test(path))
      for (const [, table = ''] of text.matchAll(/\bskein\.table\(\s*'(\w+)'/g))
        owners.set(table, path.split('/')[1] ?? '');
  return [...sources].flatMap(([path, text]) => {
    const unit = path.split('/')[1] ?? '';
    const tables = new Set([...codeOf(text).matchAll(/\bskein\.(\w+)/g)].map(([, table = '']) => table));
    return [...tables].flatMap((table) => {
      const owner = path.startsWith('src/') ? owners.get(table) : undefined;
      return owner === undefined || owner === unit ? [] : [{ path, unit, table, owner }];
    });
  });
}

function checkImports(path: string, file: string, text: string, say: (what: string) => void): void {
  if (/^export\b[^'"`;]*\bfrom\s*['"]/m.test(codeOf(text))) say('passes on exports of another file');
  if (rankOf(file) < 0) say('its folder has no rank');
  for (const { file: target, pkg } of importsOf(path, text)) {
    const problem = target === null ? packageProblem(file, pkg ?? '') : importProblem(file, target);
    if (problem !== null) say(problem);
  }
}

function importProblem(file: string, target: string): string | null {
  const to = inSrc(target);
  if (to === null) return `imports ${target}, which is not in src`;
  if (unitOf(to) !== unitOf(file) && (rankOf(to) < 0 || rankOf(to) >= rankOf(file)))
    return `imports ${target}, which is not of a lower rank`;
  return isStandinImport(file, to) ? null : `imports ${target}: a stand-in knows nothing of the bot`;
}

function packageProblem(file: string, pkg: string): string | null {
  if (pkg.startsWith('node:'))
    return EFFECTS.test(pkg) && !isIn(file, EFFECT_PLACES) ? `imports ${pkg}: no I/O here` : null;
  return isIn(file, PACKAGES[pkg] ?? []) ? null : `may not import ${pkg}`;
}

/** The stand-ins of Slack and the model would prove nothing if they shared code with what they test. */
function isStandinImport(file: string, to: string): boolean {
  if (/^playground\/(?:slack|model|tools)\//.test(file))
    return /^playground\/(?:slack|model|tools)\/|^playground\/protocol\.ts$|^clock\.ts$|^model\/catalogue\.ts$/.test(
      to,
    );
  if (file.startsWith('playground/page/')) return /^playground\/(?:page\/|protocol\.ts$)/.test(to);
  return true;
}

/** Exports that nobody imports, and values that only tests import and their own file does not use either. */
function unusedExports(sources: Sources): string[] {
  const users = new Map<string, Set<string>>();
  for (const [path, text] of sources)
    for (const { file, names } of importsOf(path, text))
      for (const name of file === null ? [] : names) {
        const key = `${file}#${name}`;
        users.set(key, (users.get(key) ?? new Set()).add(path));
      }
  const found: string[] = [];
  for (const [path, text] of sources) {
    const file = inSrc(path);
    // Tables are read by drizzle-kit as well.
    if (file === null || file.endsWith('/tables.ts')) continue;
    for (const { name, kind, ownUses } of exportsOf(text)) {
      if (Object.hasOwn(FOR_TESTS, `${file}#${name}`) || users.has(`${path}#*`)) continue;
      const by = [...(users.get(`${path}#${name}`) ?? [])];
      // A type that the file itself uses is part of the signature of something else.
      if (by.length === 0 && (kind === 'value' || ownUses === 0))
        found.push(`${path}: nobody imports ${name}`);
      else if (by.length > 0 && ownUses === 0 && !by.some((user) => inSrc(user) !== null))
        found.push(`${path}: only tests use ${name}`);
    }
  }
  return found;
}

/** The path below `src`, or with its folder for the playground, which lies beside it; null for anything else. */
function inSrc(path: string): string | null {
  if (path.startsWith('playground/')) return path;
  return path.startsWith('src/') ? path.slice('src/'.length) : null;
}

/** The top-level folder, or the file itself where it lies at the root of `src`. */
function unitOf(file: string): string {
  return file.split('/')[0] ?? file;
}

/** -1 for a folder without a rank. */
export function rankOf(file: string): number {
  return RANKS.findIndex((units) => units.includes(unitOf(file)));
}

/** `places`: files, folders (ending in a slash), names with `*` for one folder, or `*` for any file. */
function isIn(file: string, places: readonly string[]): boolean {
  return places.some((place) => {
    if (place === '*') return true;
    if (place.startsWith('*/'))
      return new RegExp(`^${place.replaceAll('.', '\\.').replaceAll('*', '[^/]+')}$`).test(file);
    return place.endsWith('/') ? file.startsWith(place) : file === place;
  });
}
