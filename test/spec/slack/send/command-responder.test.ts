import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import type { CommandPorts } from '../../../../src/commands/ports.ts';
import type { IncomingCommand } from '../../../../src/incoming.ts';
import { createLog } from '../../../../src/log.ts';
import { createClient } from '../../../../src/slack/clients.ts';
import { createCommandResponder } from '../../../../src/slack/send/command-responder.ts';
import { putBytes } from '../../../../src/slack/send/files.ts';
import { createRefusedForms } from '../../../../src/slack/send/refused-forms.ts';
import { createRespond } from '../../../../src/slack/send/response-url.ts';

const log = createLog('error', { write: () => {} });

type Said = { readonly at: string; readonly blocks: readonly string[]; readonly text: string };
type Answer = { readonly status?: number; readonly body: string };

/** A Slack that answers each call as the script says, and what it was sent. */
async function slackThat(script: (said: Said) => Answer | 'never') {
  const said: Said[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const one = read(request.url ?? '', Buffer.concat(parts).toString());
    said.push(one);
    const answer = script(one);
    if (answer === 'never') return;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const apiUrl = `http://127.0.0.1:${address.port}/api/`;
  const client = createClient({ token: 'xoxb-1', slackApiUrl: apiUrl, log });
  const clients = { of: () => client };
  return { said, apiUrl, client, clients };
}

/** The kinds of blocks and the text of a message, sent as JSON or as a form. */
function read(at: string, body: string): Said {
  const json = body.startsWith('{');
  const fields: unknown = json ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
  const { blocks = [], text = '' } = fields as { blocks?: string | unknown[]; text?: string };
  const list = (typeof blocks === 'string' ? JSON.parse(blocks) : blocks) as { type: string }[];
  return { at, blocks: list.map(({ type }) => type), text };
}

const ok = { body: JSON.stringify({ ok: true, channel: { id: 'D1' }, ts: '1.1' }) };
const refused = (error: string, status = 200): Answer => ({
  status,
  body: JSON.stringify({ ok: false, error }),
});

async function typed(script: (said: Said) => Answer | 'never', text = 'help') {
  const { said, apiUrl, clients } = await slackThat(script);
  const ports = { clock: systemClock, log, direct: async () => 'D1' } as unknown as CommandPorts;
  const respond = createRespond({ apiUrl, clock: systemClock, log });
  const command = {
    kind: 'command',
    team: 'T1',
    channel: 'C1',
    channelName: 'general',
    user: 'U1',
    text,
    triggerId: null,
    responseUrl: { reveal: () => apiUrl.replace('/api/', '/response/1') },
  } as unknown as IncomingCommand;
  await createCommandResponder({ ports, clients, respond, refused: createRefusedForms() }).slash(command);
  return said.map(({ at, blocks }) =>
    `${at.replace(/^\/(?:api\/)?/, '')} ${[...new Set(blocks)].join('+')}`.trim(),
  );
}

const isMarkdown = ({ blocks }: Said) => blocks.includes('markdown');
const hasBlocks = ({ blocks }: Said) => blocks.length > 0;

it.each([
  ['with status 200', refused('invalid_blocks')],
  ['with status 400', refused('invalid_blocks', 400)],
  ['as a word', { status: 400, body: 'invalid_blocks' }],
])(
  'an answer whose blocks Slack refuses at the address of the command, %s, has a second form there',
  async (_how, no) => {
    expect(await typed((said) => (isMarkdown(said) ? no : ok))).toEqual([
      'response/1 markdown',
      'response/1 section',
    ]);
  },
);

it('an answer whose blocks are all refused comes as text', async () => {
  expect(await typed((said) => (hasBlocks(said) ? refused('invalid_blocks') : ok))).toEqual([
    'response/1 markdown',
    'response/1 section',
    'response/1',
  ]);
});

it.each([
  ['is used up', refused('used_url', 404)],
  ['may not be used', { status: 403, body: 'action_prohibited' }],
  ['is not answered', { status: 503, body: 'down' }],
])('an answer for which the address %s is said beside it, in its own forms', async (_how, no) => {
  const script = (said: Said) =>
    said.at.includes('response') ? no : isMarkdown(said) ? refused('invalid_blocks') : ok;
  expect(await typed(script)).toEqual([
    'response/1 markdown',
    'chat.postEphemeral markdown',
    'chat.postEphemeral section',
  ]);
});

it('an answer that can’t be said where the command was typed comes in the direct message', async () => {
  const script = ({ at }: Said) =>
    at.includes('response')
      ? refused('used_url', 404)
      : at.includes('Ephemeral')
        ? refused('channel_not_found')
        : ok;
  expect((await typed(script)).at(-1)).toBe('chat.postMessage markdown');
});

it('a file whose bytes nobody takes is given up in time', async () => {
  const { apiUrl, client } = await slackThat(({ at }) =>
    at.includes('getUploadURLExternal')
      ? { body: JSON.stringify({ ok: true, file_id: 'F1', upload_url: apiUrl.replace('/api/', '/upload') }) }
      : 'never',
  );
  const file = { name: 'a.json', bytes: new Blob(['{', '}']) };
  await expect(putBytes(client, file, { apiUrl, clock: systemClock, log, limitMs: 100 })).rejects.toThrow();
});
