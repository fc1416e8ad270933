import type { Patch } from './build.ts';

/**
 * What the suite changes in every build, so that hundreds of questions take minutes instead of hours: Slack's
 * allowances (the stand-in's limits are off) and how long a silent model is waited for. Nothing else.
 */
export const HURRY: readonly Patch[] = [
  {
    file: 'bot.ts',
    from: '...options.tuning?.pacer });',
    to: 'updateRule: { limit: 1800, windowMs: 60_000 }, postRule: { limit: 60, windowMs: 3_500 } });',
  },
  {
    file: 'bot.ts',
    from: 'idleMs: options.tuning?.idleMs ?? IDLE_LIMITS,',
    to: 'idleMs: { ...IDLE_LIMITS, headers: 8_000, firstContent: 8_000, between: 5_000 },',
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
      file: 'reply/write/generate.ts',
      from: "const seam = before === '' ? null : createSeam(before);",
      to: "const seam = before === '' || before !== '' ? null : createSeam(before);",
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
} as const satisfies Record<string, readonly Patch[]>;

export type PlantedBug = keyof typeof PLANTED;
