import type { Patch } from '../build.ts';

/** Bugs in the life of calls that the checker must find. */
export const PLANTED_CALLS = {
  'a call that was under way is made again': [
    {
      file: 'reply/tools/rules.ts',
      from: "return reads || repeatable ? 'again' : 'give_up';",
      to: "return 'again';",
    },
  ],
  'a call is decided about twice': [
    {
      file: 'controls/calls.ts',
      from: 'const now = kept ?? judge(call);',
      to: 'const now = kept ?? judged;',
    },
    {
      file: 'reply/cards/store.ts',
      from: `where t.id = \${id}::uuid and r.id = t.reply and t.state = 'proposed'`,
      to: `where t.id = \${id}::uuid and r.id = t.reply`,
    },
  ],
  'a call that was denied is made': [
    { file: 'reply/tools/rules.ts', from: 'denied: [],', to: "denied: ['running']," },
    {
      file: 'reply/tools/rules.ts',
      from: "    case 'denied':\n    case 'expired':",
      to: "    case 'denied':\n      return 'run';\n    case 'expired':",
    },
  ],
  'the result of a call is not stored': [
    {
      file: 'reply/tools/store.ts',
      from: `set = sql\`state = \${state}, result = \${result}, sharing`,
      to: `set = sql\`state = \${state}, result = nullif(\${result}::text, \${result}::text), sharing`,
    },
  ],
} as const satisfies Record<string, readonly Patch[]>;

export type PlantedCallBug = keyof typeof PLANTED_CALLS;

/** Those that CI looks for each time. */
export const SHORT_CALLS: readonly PlantedCallBug[] = [
  'a call that was under way is made again',
  'a call is decided about twice',
];
