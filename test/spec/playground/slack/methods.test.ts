import { describe, expect, it } from 'vitest';
import { isJson, objectOf } from '../../../../playground/slack/json.ts';
import { catalogue } from '../../../../playground/slack/methodFacts.ts';
import { codeOf, readSources } from '../../../support/source.ts';
import { ABSENT, present, readShared } from './shared.ts';
import { standin } from './support.ts';

/** Words that the stand-in says and no page of a method lists, with where they come from. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  json_not_object: 'docs.slack.dev "Using the Web API": a JSON body that is no object',
  cannot_provide_both_markdown_text_and_chunks: 'errors of chat.appendStream, as @slack/web-api users report',
};

describe("the stand-in's facts about methods", () => {
  it.skipIf(!present)(`are those of Slack's pages, word for word ${ABSENT}`, () => {
    const shared = readShared('methods.json');
    const theirs = objectOf(shared.methods);
    expect(catalogue.common_errors).toEqual(shared.common_errors);
    for (const [method, { source, ...facts }] of Object.entries(catalogue.methods))
      if (source === undefined) expect(facts, method).toEqual(theirs[method]);
      else expect(theirs, method).not.toHaveProperty(method);
  });

  it('are there for every method that it has', async () => {
    const slack = await standin();
    const answer = async (method: string) => {
      const response = await fetch(`${slack.apiUrl}${method}`, { method: 'POST' });
      const body: unknown = await response.json();
      return isJson(body) ? body.error : body;
    };
    const ours = [...readSources(['playground/slack']).values()].flatMap((text) =>
      [...codeOf(text).matchAll(/^\s+'([a-z]+(?:\.[a-zA-Z0-9]+)+)': \(?/gm)].map(([, method = '']) => method),
    );
    expect(ours).toContain('conversations.replies');
    const unknown = [...new Set(ours)].filter((method) => !Object.hasOwn(catalogue.methods, method));
    expect(unknown).toEqual([]);
    expect(await answer('chat.postMessage')).toBe('not_authed');
    expect(await answer('chat.nonsense')).toBe('unknown_method');
  });

  it('hold every error word that it says', () => {
    const listed = new Set([
      ...catalogue.common_errors,
      ...Object.values(catalogue.methods).flatMap(({ errors }) => errors),
      ...Object.keys(ELSEWHERE),
    ]);
    // `unknown_method` and `internal_error` are the front's own, for what has no page.
    listed.add('unknown_method').add('internal_error');
    const said = [...readSources(['playground/slack']).values()].flatMap((text) =>
      [...codeOf(text).matchAll(/new Refusal\(\s*'(\w+)'/g)].map(([, word = '']) => word),
    );
    expect(said.length).toBeGreaterThan(40);
    expect(said.filter((word) => !listed.has(word))).toEqual([]);
  });
});
