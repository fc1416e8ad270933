/** What of an answer's form can be checked without anybody's judgement. Each says what is wrong, or null. */
import { readChart } from '../../src/render/chart.ts';

/** An answer, and what of its question the check needs to know. */
export interface Answered {
  readonly answer: string;
  /** Everything that was said before it. */
  readonly asked: string;
}

export type Check = (answered: Answered) => string | null;

interface Fence {
  readonly language: string;
  readonly code: string;
}

/** Fences, those inside others too; and what is outside the outermost. */
function fencesOf(answer: string): { fences: Fence[]; prose: string } {
  const fences: Fence[] = [];
  const prose: string[] = [];
  let open: { marks: string; language: string; lines: string[] } | null = null;
  for (const line of answer.split('\n')) {
    const [, marks = '', info = ''] = /^ {0,3}(?:[-*+\d.)>\s]*)(`{3,}|~{3,})\s*([^\n`]*)$/.exec(line) ?? [];
    if (open === null) {
      if (marks === '') prose.push(line);
      else open = { marks, language: info.trim().split(/\s/)[0] ?? '', lines: [] };
    } else if (marks.startsWith(open.marks) && info === '') {
      const code = open.lines.join('\n');
      fences.push({ language: open.language, code });
      if (/^(?:markdown|md)$/i.test(open.language)) fences.push(...fencesOf(code).fences);
      open = null;
    } else open.lines.push(line);
  }
  if (open !== null) fences.push({ language: open.language, code: open.lines.join('\n') });
  return { fences, prose: prose.join('\n') };
}

const withoutCode = (answer: string) => fencesOf(answer).prose.replace(/(`+)[^`](?:.*?[^`])?\1(?!`)/gs, '');

const outcome = (problem: string | false | undefined): string | null => problem || null;

export const noHtml: Check = ({ answer }) => {
  const tag = /<\/?(?:[a-z][a-z0-9]*(?:\s[^<>]*)?\/?|!--[\s\S]*?--)>/i.exec(withoutCode(answer));
  return outcome(tag !== null && !/^<(?:https?|mailto):/i.test(tag[0]) && `HTML: ${tag[0].slice(0, 40)}`);
};

export const noImages: Check = ({ answer }) =>
  outcome(/!\[[^\]]*\]\(/.test(withoutCode(answer)) && 'an image');

/** Slack refuses a table of more than 20 columns. */
export const narrowTables: Check = ({ answer }) => {
  for (const line of withoutCode(answer).split('\n')) {
    if (!/^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?\s*$/.test(line)) continue;
    const columns = line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|').length;
    if (columns >= 20) return `a table of ${columns} columns`;
  }
  return null;
};

export const languages: Check = ({ answer }) => {
  const bare = fencesOf(answer).fences.find(({ language }) => language === '');
  return outcome(bare !== undefined && `code without its language: ${bare.code.slice(0, 40)}`);
};

/** Addresses that nobody gave, unless their host is one that everybody knows. */
export const noInventedLinks =
  (...known: readonly string[]): Check =>
  ({ answer, asked }) => {
    for (const [address] of withoutCode(answer).matchAll(/https?:\/\/[^\s)>\]"'`*]+/g)) {
      const bare = address.replace(/[.,;:!?]+$/, '');
      const host = /^https?:\/\/([^/?#]+)/.exec(bare)?.[1] ?? '';
      if (!asked.includes(bare) && !known.some((one) => host === one || host.endsWith(`.${one}`)))
        return `a link that nobody gave: ${bare}`;
    }
    return null;
  };

const chartsOf = (answer: string) => fencesOf(answer).fences.filter(({ language }) => language === 'chart');

export const noChart: Check = ({ answer }) =>
  outcome(chartsOf(answer).length > 0 && 'a chart that nobody asked for');

/** One chart at least, and each of them one that Slack can draw. */
export const aChart =
  (...kinds: readonly string[]): Check =>
  ({ answer }) => {
    const charts = chartsOf(answer);
    if (charts.length === 0) return 'no chart';
    for (const { code } of charts) {
      const chart = readChart(code)?.chart;
      if (chart == null) return `a chart that can not be drawn: ${code.slice(0, 60)}`;
      if (kinds.length > 0 && !kinds.includes(chart.kind)) return `a chart of another kind: ${chart.kind}`;
    }
    return null;
  };

export const aTable: Check = ({ answer }) =>
  outcome(!/^\s*\|.*\|\s*\n\s*\|[\s:|-]+\|\s*$/m.test(withoutCode(answer)) && 'no table');

export const someCode =
  (...wanted: readonly string[]): Check =>
  ({ answer }) => {
    const found = fencesOf(answer).fences.map(({ language }) => language.toLowerCase());
    return outcome(!wanted.some((one) => found.includes(one)) && `no code in ${wanted.join(' or ')}`);
  };

export const atMost =
  (characters: number): Check =>
  ({ answer }) =>
    outcome(answer.length > characters && `${answer.length} characters where ${characters} are plenty`);

export const says =
  (pattern: RegExp): Check =>
  ({ answer }) =>
    outcome(!pattern.test(answer) && `does not say ${pattern}`);

export const saysNot =
  (pattern: RegExp): Check =>
  ({ answer }) => {
    const found = pattern.exec(answer)?.[0];
    return outcome(found !== undefined && `says “${found.slice(0, 60)}”`);
  };

/** No name in brackets in front, and no control sequence of Slack's. */
export const noMarks: Check = ({ answer }) => {
  if (/^\s*\[[^\]\n]{1,40}\]:/.test(answer)) return 'begins with a speaker';
  return outcome(
    /<(?:!(?:channel|here|everyone)|@[UW][A-Z0-9]+)[^<>]*>/.test(withoutCode(answer)) && 'a control sequence',
  );
};

export const noPreamble: Check = ({ answer }) =>
  outcome(
    /^(?:sure|certainly|of course|absolutely|great question|here(?:'|’)s|natürlich|gerne)\b[^\n]{0,80}[!:.]\s/i.test(
      answer,
    ) && 'begins with a preamble',
  );

/** Of every answer, whatever was asked. */
export const ALWAYS: Readonly<Record<string, Check>> = {
  'no HTML': noHtml,
  'no image': noImages,
  'tables under 20 columns': narrowTables,
  'code with its language': languages,
  'no marks of Slack': noMarks,
  'no preamble': noPreamble,
};
