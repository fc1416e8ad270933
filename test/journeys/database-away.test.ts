import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { withDatabase } from '../support/database-url.ts';
import { ana, dictation, finishedReply, general, query, startWorld } from './world.ts';

it('a question asked while the database is away is answered as soon as it is back, once', async () => {
  const world = await startWorld({ script: () => ({ text: 'Back again.' }) });
  world.gate.shut();
  const { ts } = world.slack.say(ana, general, '@skein are you there?');
  await world.slack.waitForDelivery((delivery) => delivery.attempts.length > 0 && delivery.state !== 'acked');
  await world.gate.open();
  // Slack's own redelivery would come after a minute.
  const reply = await finishedReply(world, general, ts);

  expect(reply.visible.trim()).toBe('Back again.');
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
});

it('a reply that is being written goes on while the database is away, and is stored when it is back', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  words.say('The first part, ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('first part'),
  );
  world.gate.shut();
  words.say('the second part, ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('second part'),
  );
  words.say('and the end.');
  words.end();
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('and the end.'),
  );
  await world.gate.open();
  const reply = await finishedReply(world, general, ts);

  expect(reply.visible.trim()).toBe('The first part, the second part, and the end.');
  expect(world.model.calls()).toHaveLength(1);
  const rows = await query<{ state: string; log: string }>(world, 'select state, log from skein.replies');
  expect(rows[0]).toMatchObject({ log: 'The first part, the second part, and the end.' });
});

it('after an outage the thread goes on as if nothing had been', async () => {
  const world = await startWorld({ script: (question) => ({ text: `Re ${question}` }) });
  const { channel, ts } = world.slack.dm(ana, 'one');
  await finishedReply(world, channel, ts);
  world.gate.shut();
  await world.gate.open();
  world.slack.dm(ana, 'two', { threadTs: ts });
  const reply = await finishedReply(world, channel, ts, 2);
  expect(reply.visible).toContain('Re two');
});

it('a database that becomes read-only is away: the text goes on, the question that comes is kept, nothing is bought twice', async () => {
  const words = dictation();
  const world = await startWorld({
    script: (question) => ({ text: question.includes('tell me') ? words.text : 'Later.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  words.say('The first part, ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('first part'),
  );
  const name = new URL(world.databaseUrl).pathname.slice(1);
  const outside = new pg.Client({ connectionString: withDatabase(inject('databaseServer'), 'postgres') });
  await outside.connect();
  await outside.query(`alter database ${name} set default_transaction_read_only = on`);
  // What is connected keeps its own setting, so that it has to come anew, as after a failover.
  await outside.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  words.say('the second part, ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('second part'),
  );
  const asked = world.slack.say(ana, general, '@skein and you?');
  await world.slack.waitForDelivery((delivery) => delivery.attempts.length > 0 && delivery.state !== 'acked');
  words.say('and the end.');
  words.end();
  await outside.query(`alter database ${name} reset default_transaction_read_only`);
  await outside.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await outside.end();
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible.trim()).toBe('The first part, the second part, and the end.');
  expect((await finishedReply(world, general, asked.ts)).visible.trim()).toBe('Later.');
  expect(world.model.calls()).toHaveLength(2);
});
