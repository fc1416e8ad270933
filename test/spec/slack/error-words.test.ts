import { expect, it } from 'vitest';
import { kindOf, knownKind, mayPass } from '../../../src/slack/error-words.ts';
import { SLACK_ERROR_WORDS } from '../../support/slack-error-words.ts';
import { readSources } from '../../support/source.ts';

const words = Object.values(SLACK_ERROR_WORDS).flatMap((list) =>
  list.split(' ').filter((word) => word !== ''),
);

it('every word that Slack documents for a method that we call has its kind', () => {
  expect(words.length).toBeGreaterThan(200);
  expect([...new Set(words.filter((word) => knownKind(word) === null))]).toEqual([]);
});

it('every method that we call has its words in that list', () => {
  const called = new Set<string>();
  for (const [path, text] of readSources(['src']))
    if (path.startsWith('src/slack/'))
      for (const [, method] of text.matchAll(
        /\.((?:chat|conversations|views|users|files|auth|apps|assistant\.threads)\.[a-z]\w+)\(/gi,
      ))
        called.add(method ?? '');
  expect(called.size).toBeGreaterThan(15);
  expect([...called].filter((method) => !(method in SLACK_ERROR_WORDS))).toEqual([]);
});

it('words that would be told apart wrongly by their sound are told apart by what Slack says of them', () => {
  // "… is currently undergoing migration to an Enterprise Organization": over in an hour, with the same token.
  expect([kindOf('team_added_to_org'), kindOf('org_login_required')]).toEqual(['later', 'later']);
  // "make sure your app is a member of the conversation": another channel works.
  expect(kindOf('no_permission')).toBe('place');
  // About the method, not the token: the others work.
  expect(kindOf('not_allowed_token_type')).toBe('feature');
  expect(kindOf('restricted_action_of_a_kind_to_come')).toBe('place');
});

it('a word that nobody knows is tried again later, and never held against what was said', () => {
  expect(kindOf('galaxy_misaligned')).toBe('later');
  expect(mayPass('galaxy_misaligned')).toBe(true);
  expect(mayPass('token_revoked')).toBe(false);
});
