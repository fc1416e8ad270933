import type { CallToolResult, Tool } from '@modelcontextprotocol/server';

/** The help desk behind the tools. */
export interface Ticket {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly status: string;
  readonly by: string;
}

export interface Visit {
  readonly account: string;
  readonly wait: (ms: number) => Promise<void>;
  /** Asks the client for something in the middle of the call; rejects where it refuses. */
  readonly askClient: (what: 'words' | 'sampling') => Promise<unknown>;
}

export interface DeskTool {
  readonly definition: Tool;
  run(args: Readonly<Record<string, unknown>>, visit: Visit): CallToolResult | Promise<CallToolResult>;
}

/** The smallest PNG: one pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const text = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] });
const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const object = (
  properties: Readonly<Record<string, unknown>> = {},
  required: readonly string[] = [],
): Tool['inputSchema'] =>
  ({
    type: 'object',
    properties,
    required: [...required],
    additionalProperties: false,
  }) as Tool['inputSchema'];

/** The tools of a well-behaved help desk, over tickets that live as long as the server. */
export function createDesk(): { readonly tools: readonly DeskTool[]; tickets(): readonly Ticket[] } {
  const tickets = new Map<string, Ticket>();
  const add = (title: string, body: string, by: string): Ticket => {
    const id = `T-${101 + tickets.size}`;
    const ticket = { id, title, body, status: 'open', by };
    tickets.set(id, ticket);
    return ticket;
  };
  add('Printer on floor 2 is jammed', 'It eats every second page.', 'anybody');

  const string = (description: string) => ({ type: 'string', description });
  const tools: DeskTool[] = [
    {
      definition: {
        name: 'find_ticket',
        title: 'Find tickets',
        description: 'Finds tickets of the help desk whose title or text contains a word.',
        inputSchema: object({ query: string('A word to look for') }, ['query']),
        outputSchema: {
          type: 'object',
          properties: { tickets: { type: 'array', items: { type: 'object' } } },
          required: ['tickets'],
        },
        annotations: { readOnlyHint: true },
      },
      run({ query }) {
        const word = wordOf(query).toLowerCase();
        const found = [...tickets.values()].filter(({ title, body }) =>
          `${title}\n${body}`.toLowerCase().includes(word),
        );
        const lines = found.map(({ id, title, status }) => `${id} [${status}] ${title}`);
        return {
          content: [{ type: 'text', text: lines.join('\n') || 'No ticket has that word.' }],
          structuredContent: { tickets: found },
        };
      },
    },
    {
      definition: {
        name: 'create_ticket',
        title: 'Create a ticket',
        description: 'Creates a ticket at the help desk.',
        inputSchema: object({ title: string('One line'), body: string('What happened') }, ['title']),
        annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
      },
      run({ title, body }, { account }) {
        const ticket = add(wordOf(title), wordOf(body), account);
        return text(`Created ${ticket.id}: ${ticket.title}`);
      },
    },
    {
      definition: {
        name: 'set_status',
        title: 'Set the status of a ticket',
        description: 'Sets the status of a ticket; the same again changes nothing.',
        inputSchema: object({ id: string('Such as T-101'), status: { enum: ['open', 'closed'] } }, [
          'id',
          'status',
        ]),
        annotations: { readOnlyHint: false, idempotentHint: true, destructiveHint: false },
      },
      run({ id, status }) {
        const ticket = tickets.get(wordOf(id));
        if (ticket === undefined) return { ...text(`There is no ticket ${wordOf(id)}.`), isError: true };
        tickets.set(ticket.id, { ...ticket, status: wordOf(status) });
        return text(`${ticket.id} is ${wordOf(status)}.`);
      },
    },
    {
      definition: {
        name: 'delete_ticket',
        title: 'Delete a ticket',
        description: 'Deletes a ticket for good.',
        inputSchema: object({ id: string('Such as T-101') }, ['id']),
        annotations: { readOnlyHint: false, destructiveHint: true },
      },
      run: ({ id }) =>
        text(tickets.delete(wordOf(id)) ? `${wordOf(id)} is gone.` : 'There is no such ticket.'),
    },
    {
      definition: {
        name: 'who_am_i',
        title: 'Who is signed in',
        description: 'Says whose account this is.',
        inputSchema: object(),
        annotations: { readOnlyHint: true },
      },
      run: (_args, { account }) => text(`You are ${account}.`),
    },
    ...oddTools(),
  ];
  return { tools, tickets: () => [...tickets.values()] };
}

/** Tools that are right by the protocol, and hard on whoever calls them. */
function oddTools(): DeskTool[] {
  const reads = { readOnlyHint: true } as const;
  return [
    {
      definition: {
        name: 'slow_report',
        description: 'Makes a report, which takes as many seconds as you say.',
        inputSchema: object({ seconds: { type: 'number' } }, ['seconds']),
        annotations: reads,
      },
      async run({ seconds }, { wait }) {
        await wait(Number(seconds) * 1000);
        return text(`The report took ${Number(seconds)} seconds.`);
      },
    },
    {
      definition: {
        name: 'broken_report',
        description: 'Makes a report that can not be made.',
        inputSchema: object(),
        annotations: reads,
      },
      run: () => ({ ...text('The report database is closed on Sundays.'), isError: true }),
    },
    {
      definition: {
        name: 'huge_export',
        description: 'Exports everything, in as many bytes as you say (10,000,000 unless told).',
        inputSchema: object({ bytes: { type: 'number' } }),
        annotations: reads,
      },
      run: ({ bytes }) => text('row of the export; '.repeat(Math.ceil((Number(bytes) || 10_000_000) / 19))),
    },
    {
      definition: {
        name: 'screenshot',
        description: 'Takes a picture of the dashboard.',
        inputSchema: object(),
        annotations: reads,
      },
      run: () => ({
        content: [
          { type: 'text', text: 'The dashboard:' },
          { type: 'image', data: PIXEL, mimeType: 'image/png' },
        ],
      }),
    },
    {
      definition: {
        name: 'attachments',
        description: 'Lists what is attached to a ticket: links, texts, sound.',
        inputSchema: object(),
        annotations: reads,
      },
      run: () => ({
        content: [
          {
            type: 'resource_link',
            uri: 'https://desk.example.com/files/1',
            name: 'invoice.pdf',
            description: 'The invoice',
            mimeType: 'application/pdf',
          },
          {
            type: 'resource',
            resource: { uri: 'desk://notes/1', mimeType: 'text/plain', text: 'Call back on Monday.' },
          },
          {
            type: 'resource',
            resource: { uri: 'desk://dump/1', mimeType: 'application/octet-stream', blob: 'AAECAw==' },
          },
          { type: 'audio', data: 'AAAA', mimeType: 'audio/mpeg' },
        ],
      }),
    },
    {
      definition: {
        name: 'ask_me',
        description: 'Asks the client itself for something before it answers.',
        inputSchema: object({ what: { enum: ['words', 'sampling'] } }, ['what']),
        annotations: reads,
      },
      async run({ what }, { askClient }) {
        try {
          const got = await askClient(what === 'sampling' ? 'sampling' : 'words');
          return text(`The client gave: ${JSON.stringify(got)}`);
        } catch (error) {
          return text(`The client refused: ${error instanceof Error ? error.message : String(error)}`);
        }
      },
    },
  ];
}
