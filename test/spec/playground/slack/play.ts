/** A workspace in which everything happens that the stand-in tells an app of, and the bodies as the app gets them. */
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { SlackStandin } from '../../../../playground/slack/contract.ts';
import { isJson, type Json, objectOf, parseJson } from '../../../../playground/slack/json.ts';
import { channel, northwindWithHarbor, type Seed } from '../../../../playground/slack/seed.ts';
import { ana, ben, client, general, portOf, standin } from './support.ts';

export type Carrier = 'socket' | 'http';

const joint = 'C0JOINT';
const pilot = 'C0PILOT';
const fay = 'U0FAY';

const enterprise = { id: 'E0NORTH', name: 'North' };

/** Acknowledges everything and keeps what came, over one carrier. */
async function receiveAll(slack: SlackStandin, carrier: Carrier): Promise<Json[]> {
  const bodies: Json[] = [];
  const keep = (body: unknown) => void (isJson(body) && bodies.push(body));
  if (carrier === 'socket') {
    const { url } = await client(slack, slack.appToken).apps.connections.open();
    const socket = new WebSocket(String(url));
    onTestFinished(() => socket.terminate());
    socket.on('message', (data) => {
      const frame = objectOf(parseJson(String(data)));
      if (frame.envelope_id === undefined) return;
      keep(frame.payload);
      socket.send(JSON.stringify({ envelope_id: frame.envelope_id, payload: {} }));
    });
    await slack.waitForSockets(1);
    return bodies;
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      const form = new URLSearchParams(text);
      if (request.headers['content-type'] === 'application/json') keep(parseJson(text));
      else if (form.has('payload')) keep(parseJson(form.get('payload') ?? ''));
      else keep(Object.fromEntries(form));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  slack.deliverTo(`http://127.0.0.1:${portOf(server)}/slack/events`);
  return bodies;
}

/** Everything that the stand-in sends, as the app receives it; `org`: in a workspace that belongs to one. */
export async function playEverything(carrier: Carrier, org: boolean): Promise<readonly Json[]> {
  const outside = channel('C0OUTSIDE', 'outside', 'public', [ana]);
  const base = northwindWithHarbor;
  const seed: Seed = {
    ...base,
    channels: [...base.channels, outside],
    ...(org ? { team: { ...base.team, enterprise }, orgInstall: true } : {}),
  };
  const slack = await standin({ seed });
  const bodies = await receiveAll(slack, carrier);
  talk(slack);
  await press(slack, () => bodies);
  otherApps(slack);
  comeAndGo(slack);
  for (const { id } of slack.deliveries())
    await slack.waitForDelivery((delivery) => delivery.id === id && delivery.state === 'acked');
  return bodies;
}

function talk(slack: SlackStandin): void {
  for (const place of [general, joint, pilot]) {
    const { ts } = slack.say(ana, place, '@skein *hello*');
    slack.say(ben === 'U0BEN' && place !== pilot ? ben : ana, place, 'a reply', { threadTs: ts });
    slack.say(ana, place, 'for all to see', { threadTs: ts, broadcast: true });
    slack.people.edit(ana, place, ts, '@skein *hello* again');
    slack.people.react(ana, place, ts, 'eyes');
    slack.people.react(ana, place, ts, 'eyes');
    slack.people.remove(ana, place, ts);
  }
  slack.say(fay, joint, '@skein from Harbor');
  slack.people.upload(
    fay,
    joint,
    { name: 'b.pdf', mimetype: 'application/pdf', content: '%PDF' },
    '@skein read',
  );
  slack.people.upload(
    ana,
    general,
    { name: 'a.txt', mimetype: 'text/plain', content: 'x' },
    '@skein read this',
  );
  slack.people.upload(ana, general, {
    name: 'audio_message.m4a',
    mimetype: 'audio/mp4',
    content: 'sound',
    clip: { transcript: 'What do we do about the launch?', milliseconds: 2_500 },
  });
  slack.people.upload(ana, general, {
    name: 'audio_message.m4a',
    mimetype: 'audio/mp4',
    content: 'sound',
    clip: { transcript: null, milliseconds: 900 },
  });
  const lone = slack.say(ben, general, 'never mind').ts;
  slack.people.remove(ben, general, lone);
  slack.dm(ana, 'psst');
  slack.interactions.openHome(ana, 'messages');
}

function otherApps(slack: SlackStandin): void {
  const attachments = [
    { fallback: 'Disk', color: '#d00', fields: [{ title: 'Host', value: 'db-1', short: true }] },
  ];
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*Disk is full*' } }];
  slack.apps.post(general, { text: 'Disk is full', attachments, blocks });
  slack.apps.post(general, { text: '<@U0SKEIN> by a workflow' });
  slack.apps.postAs(ana, general, { text: '<@U0SKEIN> said with a token of mine' });
  const { ts } = slack.say(ana, general, 'see https://example.com/page');
  const preview = [{ from_url: 'https://example.com/page', title: 'A page', id: 1 }];
  slack.apps.unfurl(general, ts, preview);
  slack.apps.unfurl(general, ts, preview, false);
}

function comeAndGo(slack: SlackStandin): void {
  slack.people.invite(slack.botUser, 'C0OUTSIDE', ana);
  slack.people.archive('C0OUTSIDE');
  slack.people.archive('C0OUTSIDE', false);
  slack.people.kick(slack.botUser, 'C0OUTSIDE');
  slack.uninstall();
}

/** Presses, forms, shortcuts and commands. `bodies`: what came so far, for the ids in it. */
async function press(slack: SlackStandin, bodies: () => readonly Json[]): Promise<void> {
  const web = client(slack);
  const text = { type: 'plain_text', text: 'Press', emoji: true } as const;
  const button = { type: 'button', action_id: 'press', text, value: 'v', style: 'primary' } as const;
  const select = { type: 'external_select', action_id: 'pick' } as const;
  const blocks = [{ type: 'actions', block_id: 'row', elements: [button, select] }] as const;
  const view = {
    type: 'modal',
    callback_id: 'form',
    notify_on_close: true,
    title: { type: 'plain_text', text: 'Form' },
    submit: { type: 'plain_text', text: 'Send' },
    blocks: [
      {
        type: 'input',
        block_id: 'why',
        label: text,
        element: { type: 'plain_text_input', action_id: 'text' },
      },
      ...blocks,
    ],
  } as const;
  const posted = String(
    (await web.chat.postMessage({ channel: general, text: 'x', blocks: [...blocks] })).ts,
  );
  await web.chat.update({ channel: general, ts: posted, text: 'y', blocks: [...blocks] });
  const { message_ts: whispered } = await web.chat.postEphemeral({
    channel: general,
    user: ana,
    text: 'x',
    blocks: [...blocks],
  });
  const latestTrigger = () => String(bodies().findLast(({ trigger_id: id }) => id !== undefined)?.trigger_id);
  await slack.click(ana, { channel: general, ts: posted, actionId: 'press' });
  await slack.click(ana, { channel: general, ts: String(whispered), actionId: 'press' });
  await slack.interactions.suggest(ana, { channel: general, ts: posted }, { actionId: 'pick', value: 'o' });
  for (const end of ['submit', 'close'] as const) {
    await slack.interactions.shortcut(ana, 'ask', { channel: general, ts: posted });
    const opened = await web.views.open({
      trigger_id: latestTrigger(),
      view: { ...view, blocks: [...view.blocks] },
    });
    const id = String(opened.view?.id);
    await slack.interactions.clickView(ana, id, { actionId: 'press' });
    await slack.interactions.suggest(ana, { viewId: id }, { actionId: 'pick', value: 'o' });
    if (end === 'submit') await slack.interactions.submitView(ana, id, { why: { text: 'because' } });
    else await slack.interactions.closeView(ana, id);
  }
  await slack.interactions.shortcut(ana, 'ask_anywhere');
  await slack.slash(ana, general, '/skein', 'help');
  await web.views.publish({ user_id: ana, view: { type: 'home', blocks: [...blocks] } });
  slack.interactions.openHome(ana, 'home');
  // An admin deletes what the app posted.
  slack.people.remove(ana, general, posted);
}
