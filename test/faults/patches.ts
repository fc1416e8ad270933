import type { Patch } from './build.ts';
import { PLANTED_CALLS, SHORT_CALLS } from './calls/patches.ts';

/**
 * What the suite changes in every build, so that hundreds of questions take minutes instead of hours: Slack's
 * allowances (the stand-in's limits are off) and how long a silent model is waited for. Nothing else.
 */
export const HURRY: readonly Patch[] = [
  {
    file: 'pacing.ts',
    from: '...tuning.pacer }), meter',
    to: 'updateRule: { limit: 1800, windowMs: 60_000 }, postRule: { limit: 60, windowMs: 3_500 } }), meter',
  },
  {
    file: 'bot.ts',
    from: 'idleMs: options.tuning?.idleMs ?? IDLE_LIMITS,',
    to: 'idleMs: { ...IDLE_LIMITS, headers: 8_000, firstContent: 8_000, between: 5_000 },',
  },
  // Addresses of files are the stand-in's own; here they lead through the door of the process.
  {
    file: 'slack/read/files.ts',
    from: 'let at = address;',
    to: 'let at = new URL(new URL(address).pathname, apiUrl).href;',
  },
  {
    file: 'slack/send/files.ts',
    from: '  const { upload_url: url, file_id: id }',
    to: '  const { upload_url: told, file_id: id }',
  },
  {
    file: 'slack/send/files.ts',
    from: '  if (url === undefined || id === undefined',
    to: '  const url = told && new URL(new URL(told).pathname, apiUrl).href;\n  if (url === undefined || id === undefined',
  },
];

/** Bugs that the checker must find. Each takes away one thing that a promise stands on. */
export const PLANTED = {
  'lease check off': [
    {
      file: 'jobs/worker.ts',
      from: 'held: () => !stop.signal.aborted && presence.stands(token.owner),',
      to: 'held: () => true,',
    },
    {
      file: 'jobs/worker.ts',
      from: "stop.abort(new Error('the lease is lost'))",
      to: 'void stop',
    },
    {
      file: 'jobs/worker.ts',
      from: 'await presence.standing(token.owner, stop.signal);',
      to: '',
    },
    {
      file: 'jobs/store.ts',
      from: `  return sql\`select 1 from skein.mailboxes
    where key = \${lease.mailbox} and lease_owner = \${lease.owner}::uuid and lease_epoch = \${lease.epoch}
    for no key update\`;`,
      to: `  return sql\`select 1 where \${lease.epoch}::bigint is not null\`;`,
    },
    {
      file: 'jobs/store.ts',
      from: `  return sql\`exists (
    select 1 from skein.mailboxes
    where key = \${lease.mailbox} and lease_owner = \${lease.owner}::uuid and lease_epoch = \${lease.epoch})\`;`,
      to: `  return sql\`\${lease.epoch}::bigint is not null\`;`,
    },
  ],
  'read-back off': [
    { file: 'reply/show/publisher.ts', from: 'intended: uncertain.has(index)', to: 'intended: false' },
  ],
  'acknowledged before commit 1': [
    {
      file: 'slack/receive/hold.ts',
      from: '    else await routed(app, { ...event, ack: async () => {} });\n    await ack();',
      to: '    else {\n      await ack();\n      await routed(app, { ...event, ack: async () => {} });\n    }',
    },
  ],
  'shown before it is shown': [
    {
      file: 'reply/answer.ts',
      from: '    const shown = await show.finish(look);',
      to: "    await store.markShown(database.query, lease.token, reply.id, 'shown');\n    const shown = await show.finish(look);",
    },
  ],
  'log not written': [
    {
      file: 'reply/show/show.ts',
      from: 'append: (piece) => appendLog(database.query, lease.token, reply.id, piece),',
      to: 'append: async () => {},',
    },
  ],
  'seam ignored': [
    {
      file: 'reply/write/one-call.ts',
      from: "let seam = before === '' ? null : createSeam(before);",
      to: "let seam = before === '' || before !== '' ? null : createSeam(before);",
    },
  ],
  'cut text is in no block': [
    {
      file: 'reply/write/write.ts',
      from: 'onCut: (call) => closeOpen(show, call ?? reply.calls),',
      to: 'onCut: (call) => closeOpen({ ...show, text: () => "" }, call ?? reply.calls),',
    },
  ],
  'a press counts twice': [
    {
      file: 'controls/rules.ts',
      from: `  if (!over && !nearly) return leave('busy', stale ? null : LINES.busy);
  if (stale) return leave('out_of_date', LINES.outOfDate);`,
      to: '',
    },
  ],
  'another version replaces the first': [
    {
      file: 'controls/store.ts',
      from: '  await layAside(tx, reply.id);\n  const { model,',
      to: '  const { model,',
    },
  ],
  'a lost answer counts twice': [
    {
      file: 'jobs/store.ts',
      from: `and seq = \${seq} and done_at is null and exists (select from box)`,
      to: `and seq = \${seq} and exists (select from box)`,
    },
    // It would be repaired within five minutes.
    { file: 'chores.ts', from: 'await recountMailboxes(database)', to: '0' },
  ],
  'no limit for an answer of the database': [
    { file: 'postgres/database.ts', from: '    query_timeout: limits.query,\n', to: '' },
  ],
  'read-only is a fault': [
    { file: 'postgres/database.ts', from: `  [new RegExp(\`^\${READ_ONLY}$\`), 'away'],\n`, to: '' },
  ],
  'a full disk is a fault': [
    { file: 'postgres/database.ts', from: "[/^(53|58)/, 'away']", to: "[/^(53[23]|58)/, 'away']" },
  ],
  'a full pool is a fault': [
    { file: 'postgres/database.ts', from: "[/^(53|58)/, 'away']", to: "[/^(53[12]|58)/, 'away']" },
  ],
  'a lock that is not had is a fault': [
    { file: 'postgres/database.ts', from: '[/^(57014|55P03|25P03)$/,', to: '[/^(25P03)$/,' },
  ],
  'whoever has just come judges': [
    {
      file: 'jobs/presence.ts',
      from: 'sure(live) && clock.monotonic() - backAt >= GRACE_MS',
      to: 'sure(live)',
    },
  ],
  'a late settlement frees what another call holds': [
    {
      file: 'budgets/store.ts',
      from: `where reply = \${entry.reply}::uuid and call = \${entry.call} returning team`,
      to: `where reply = \${entry.reply}::uuid returning team`,
    },
  ],
  'money that is set aside is not counted': [
    {
      file: 'budgets/store.ts',
      from: 'const others = held.filter((one) => one.reply !== reply);',
      to: 'const others = held.slice(0, 0);',
    },
  ],
  'money stays set aside': [
    {
      file: 'budgets/store.ts',
      from: `where reply = \${entry.reply}::uuid and call = \${entry.call} returning team`,
      to: `where reply = \${entry.reply}::uuid and call = -1 returning team`,
    },
  ],
  'an entry costs half': [
    {
      file: 'ledger/store.ts',
      from: 'return costOf(usage, priceOf(model, day, promptTokensOf(usage)) ?? DEAREST);',
      to: 'return costOf(usage, priceOf(model, day, promptTokensOf(usage)) ?? DEAREST) / 2n;',
    },
  ],
  'a budget is raised with each press': [
    {
      file: 'controls/raise.ts',
      from: 'set === undefined || set.at > refusedAt ||',
      to: 'set === undefined ||',
    },
  ],
  'a form is taken before it is stored': [
    {
      file: 'shortcuts/shortcuts.ts',
      from: "if ((await within(clock, STORE_MS, work)) !== LATE) return { kind: 'none' };",
      to: "work.catch(() => {});\n      return { kind: 'none' };",
    },
  ],
  'a question is posted without a look': [
    {
      file: 'questions/questions.ts',
      from: 'const found = tries === 0 ? null : await poster.find(question, new Date(at.getTime() - SKEW_MS), id);',
      to: 'const found = null;',
    },
  ],
  'a file is shared without a look': [
    { file: 'reply/sent-files/once.ts', from: 'let look = id !== null;', to: 'let look = false;' },
  ],
  'a deleted answer leaves its files': [
    {
      file: 'reply/show/remove.ts',
      from: 'const files = await filesBeside(database.query, reply.id);',
      to: 'const files = (await filesBeside(database.query, reply.id)).slice(0, 0);',
    },
  ],
  'an upload is not noted': [
    {
      file: 'reply/show/sent-files.ts',
      from: 'note: (id) => store.sharing(database.query, lease.token, key, id),',
      to: 'note: async () => {},',
    },
  ],
  'a file that is not read is no file': [
    {
      file: 'files/blocks.ts',
      from: `    { type: 'text', text: \`[file \${JSON.stringify(name)}: you can not see it, because \${REASONS[why]}]\` },`,
      to: `    ...(name === '' ? [{ type: 'text' as const, text: REASONS[why] }] : []),`,
    },
  ],
  'of a file that is given nothing is kept': [
    { file: 'reply/write/prepare.ts', from: '      await given?.save();\n', to: '' },
  ],
  ...PLANTED_CALLS,
} as const satisfies Record<string, readonly Patch[]>;

export type PlantedBug = keyof typeof PLANTED;

/** Those that CI looks for each time: one of each kind that takes a fault of its own to be found. The others take longer. */
export const SHORT: ReadonlySet<PlantedBug> = new Set<PlantedBug>([
  ...([
    'lease check off',
    'read-back off',
    'acknowledged before commit 1',
    'shown before it is shown',
  ] as const),
  ...([
    'log not written',
    'seam ignored',
    'a press counts twice',
    'another version replaces the first',
  ] as const),
  ...(['a lost answer counts twice', 'read-only is a fault', 'whoever has just come judges'] as const),
  ...(['a budget is raised with each press'] as const),
  ...(['a late settlement frees what another call holds', 'a question is posted without a look'] as const),
  ...(['a file is shared without a look', 'of a file that is given nothing is kept'] as const),
  ...SHORT_CALLS,
]);
