import { MOST_WEB_SEARCHES } from '../defaults.ts';
import { formatDomains } from '../domains.ts';
import { settingWords } from '../words/settings.ts';
import { choiceInput, inCommon } from './key-parts.ts';
import type { Key } from './keys.ts';
import { domains, onOff, serverNames, wholeNumber } from './parsing.ts';

/** Few enough for a field of a form. */
const MOST_DOMAINS = 20;
/** Each adds the whole list of its tools to every request. */
const MOST_SERVERS = 10;

/**
 * What answers may use beyond the thread: the web and connected servers. Without a personal scope, so that everybody at a
 * place has the same and its threads stay cached; for admins alone.
 */
export const OUTSIDE_KEYS: {
  readonly [Name in 'web' | 'web_domains' | 'web_searches' | 'tools']: Key<Name>;
} = {
  web: {
    ...inCommon,
    ...settingWords.web,
    name: 'web',
    input: choiceInput(settingWords.web),
    scopes: ['channel', 'workspace'],
    members: false,
    parse: onOff,
    format: (value) => (value ? 'on' : 'off'),
    fallback: (defaults) => defaults.web,
  },
  web_domains: {
    ...inCommon,
    ...settingWords.webDomains(MOST_DOMAINS),
    name: 'web_domains',
    input: { kind: 'domains' },
    scopes: ['channel', 'workspace'],
    members: false,
    parse: domains(MOST_DOMAINS),
    format: formatDomains,
    fallback: (defaults) => defaults.webDomains,
  },
  web_searches: {
    ...inCommon,
    ...settingWords.webSearches(MOST_WEB_SEARCHES),
    name: 'web_searches',
    input: { kind: 'whole', from: 1, to: MOST_WEB_SEARCHES },
    scopes: ['channel', 'workspace'],
    members: false,
    parse: wholeNumber(1, MOST_WEB_SEARCHES),
    format: (value) => String(value),
    fallback: (defaults) => defaults.webSearches,
  },
  tools: {
    ...inCommon,
    ...settingWords.tools(MOST_SERVERS),
    name: 'tools',
    input: { kind: 'servers' },
    scopes: ['channel', 'workspace'],
    members: false,
    parse: serverNames(MOST_SERVERS),
    format: (value) => (value.length === 0 ? 'none' : value.join(', ')),
    fallback: () => [],
  },
};
