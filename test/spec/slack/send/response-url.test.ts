import { expect, test } from 'vitest';
import { isSlacks } from '../../../../src/slack/send/response-url.ts';

const slack = 'https://slack.com/api/';
const gov = 'https://slack-gov.com/api/';
const proxy = 'https://slack.proxy.example/api/';
const local = 'http://127.0.0.1:4001/api/';

test.each([
  ['https://hooks.slack.com/commands/T1/1/x', slack],
  ['https://files.slack.com/upload/v1/x', slack],
  ['http://127.0.0.1:4001/response/1', local],
  ['https://hooks.slack-gov.com/commands/T1/1/x', gov],
  ['https://files.slack-gov.com/upload/v1/x', 'https://www.slack-gov.com/api/'],
  ['https://hooks.slack.com/commands/T1/1/x', proxy],
])('an answer goes to %s', (target, api) => {
  expect(isSlacks(target, api)).toBe(true);
});

test.each([
  ['another host', 'https://example.org/x', slack],
  ['a host that only ends like it', 'https://notslack.com/x', slack],
  ['a name below another', 'https://hooks.slack.com.example.org/x', slack],
  ['a login before another host', 'https://hooks.slack.com@example.org/x', slack],
  ['a login', 'https://me:secret@hooks.slack.com/x', slack],
  ['plain http', 'http://hooks.slack.com/x', slack],
  ['this machine, when Slack is meant', 'http://127.0.0.1:4001/x', slack],
  ['another port of this machine', 'http://127.0.0.1:5432/x', local],
  ['Slack, when the stand-in is meant', 'https://hooks.slack.com/x', local],
  ['GovSlack, when Slack is meant', 'https://hooks.slack-gov.com/x', slack],
  ['Slack, when GovSlack is meant', 'https://hooks.slack.com/x', gov],
  ['a host that only ends like GovSlack', 'https://notslack-gov.com/x', gov],
  ['a proxy', 'https://slack.proxy.example/x', proxy],
  ['no address', 'hooks', slack],
])('an answer never goes to %s', (_what, target, api) => {
  expect(isSlacks(target, api)).toBe(false);
});
