import { MOST_WEB_SEARCHES } from '../defaults.ts';
import { formatDomains } from '../domains.ts';
import { settingWords } from '../words/settings.ts';
import { inCommon, onOrOff, whole } from './key-parts.ts';
import type { Key } from './keys.ts';
import { domains, serverNames } from './parsing.ts';

/** Few enough for a field of a form. */
const MOST_DOMAINS = 20;
/** Each adds the whole list of its tools to every request. */
const MOST_SERVERS = 10;

/** Without a personal scope, so that everybody at a place has the same and its threads stay cached. */
const forAdmins = { scopes: ['channel', 'workspace'], members: false } as const;

/** What answers may use beyond the thread: the web and connected servers. */
export const OUTSIDE_KEYS: {
  readonly [Name in 'web' | 'web_domains' | 'web_searches' | 'tools']: Key<Name>;
} = {
  web: {
    ...onOrOff(settingWords.web),
    name: 'web',
    ...forAdmins,
    fallback: (defaults) => defaults.web,
  },
  web_domains: {
    ...inCommon,
    ...settingWords.webDomains(MOST_DOMAINS),
    name: 'web_domains',
    input: { kind: 'domains' },
    ...forAdmins,
    parse: domains(MOST_DOMAINS),
    format: formatDomains,
    fallback: (defaults) => defaults.webDomains,
  },
  web_searches: {
    ...whole(settingWords.webSearches(MOST_WEB_SEARCHES), 1, MOST_WEB_SEARCHES),
    name: 'web_searches',
    ...forAdmins,
    fallback: (defaults) => defaults.webSearches,
  },
  tools: {
    ...inCommon,
    ...settingWords.tools(MOST_SERVERS),
    name: 'tools',
    input: { kind: 'servers' },
    ...forAdmins,
    parse: serverNames(MOST_SERVERS),
    format: (value) => (value.length === 0 ? 'none' : value.join(', ')),
    fallback: () => [],
  },
};
