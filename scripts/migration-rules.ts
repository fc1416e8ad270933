/**
 * Rules for migrations that a busy database with ten million messages survives, while processes of the version before
 * run beside it. They hold from the first file that was made under them.
 */
const FIRST = 13;

/** A first line of a migration by which its author says that a table will never be large: `-- small: "settings"`. */
const SMALL = /^-- small: (.+)$/gm;
const OUTSIDE = /^-- outside a transaction$/m;
const NEEDS = /^-- needs: \S+$/m;
const TABLE = /^(?:if (?:not )?exists )?(?:only )?"?skein"?\."?(\w+)"?/;

interface Rule {
  readonly what: RegExp;
  readonly unless?: RegExp;
  /** Those that keep old programs out, and so must say it. */
  readonly contracts?: boolean;
  /** Number of the first migration that was made under it; absent: `FIRST`. */
  readonly from?: number;
  readonly say: string;
}

/** By statement, in lower case and with single blanks. */
const RULES: readonly Rule[] = [
  {
    what: /^create (?:unique )?index (?!concurrently)/,
    say: 'an index is built concurrently, in a file that begins with "-- outside a transaction"',
  },
  {
    what: /^alter table .*add constraint .*(?:check|foreign key)/,
    unless: /not valid/,
    say: 'a constraint is added "not valid", and validated in a statement of its own',
  },
  {
    what: /^alter table .*add constraint .*(?:unique|primary key)/,
    unless: /using index/,
    say: 'a unique constraint is added "using index", from an index that was built concurrently',
  },
  {
    what: /^alter table .*add column (?:(?!default|generated).)* not null(?!.*(?:default|generated))/,
    say: 'a new column that is "not null" has a default: the version before does not write it',
  },
  {
    what: /^alter table .*add column .*(?:default .*(?:random|clock_timestamp|nextval)|generated always)/,
    say: 'a new column has a default that is the same for all rows: the table is written anew under a lock otherwise',
  },
  {
    what: /^(?:update|delete from) /,
    from: 36,
    say: 'rows of a large table are changed in batches by a task, not in one transaction',
  },
  {
    what: /^alter table .*alter column .*(?:set not null)/,
    say: 'a column is made "not null" by a validated check',
  },
  {
    what: /^alter table .*(?:alter column .* (?:set data )?type )/,
    contracts: true,
    say: 'a type is changed by a new column: the table is written anew under a lock',
  },
  {
    what: /^alter table .*(?:drop column|rename)|^drop table|^drop function/,
    contracts: true,
    say: 'what the version before uses is taken away one version later, with "-- needs: <the migration that replaced it>"',
  },
];

/** What is wrong with a migration, in words; `tag` is its file's name without the ending. */
export function migrationProblems(tag: string, text: string): string[] {
  const number = Number(tag.slice(0, 4));
  if (number < FIRST) return [];
  const statements = text
    .split('--> statement-breakpoint')
    .map((one) =>
      one
        .replace(/^\s*--.*$/gm, '')
        .replace(/\s+/g, ' ')
        .trim()
        .toLowerCase(),
    )
    .filter((one) => one !== '');
  const made = new Set(statements.flatMap((one) => tableOf(one, /^create table /) ?? []));
  for (const [, names = ''] of text.matchAll(SMALL))
    for (const name of names.match(/\w+/g) ?? []) made.add(name);
  const found: string[] = [];
  const outside = OUTSIDE.test(text);
  for (const statement of statements) {
    const concurrent = /^(?:create (?:unique )?|drop )index concurrently/.test(statement);
    if (concurrent && !outside)
      found.push('"concurrently" needs "-- outside a transaction" at the top of its file');
    if (outside && !concurrent)
      found.push('outside a transaction only indexes are built and dropped: all else is whole or not at all');
    if (concurrent && !/concurrently if (?:not )?exists/.test(statement))
      found.push('a concurrent statement may be run again: "if not exists", "if exists"');
    const table =
      tableOf(statement, /^(?:alter table|update|delete from) /) ?? tableOf(statement, /^create .*? on /);
    if (table !== null && made.has(table)) continue;
    for (const { what, unless, contracts = false, from = FIRST, say } of RULES)
      if (
        number >= from &&
        what.test(statement) &&
        unless?.test(statement) !== true &&
        !(contracts && NEEDS.test(text))
      )
        found.push(say);
  }
  return [...new Set(found)].map((problem) => `migrations/${tag}.sql: ${problem}`);
}

function tableOf(statement: string, before: RegExp): string | null {
  const rest = statement.replace(before, '');
  return rest === statement ? null : (TABLE.exec(rest)?.[1] ?? null);
}
