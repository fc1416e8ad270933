import { readPairs } from '../../../playground/model/tools.ts';
import type { World } from '../world.ts';
import type { Violation } from './evidence.ts';

const PROMISE = 'every block is stored once, and the thread is one that the provider takes';

type Block = Readonly<Record<string, unknown>>;

const isCall = ({ type }: Block) => type === 'server_tool_use' || type === 'tool_use';

/** As turns: the user says what was called of them, right behind the calls. */
function turnsOf(blocks: readonly Block[]): { role: string; content: Block[] }[] {
  const turns: { role: string; content: Block[] }[] = [];
  for (const block of blocks) {
    const role = block['type'] === 'tool_result' ? 'user' : 'assistant';
    if (turns.at(-1)?.role !== role) turns.push({ role, content: [] });
    turns.at(-1)?.content.push(block);
  }
  return turns;
}

/** Looks at the stored blocks of all answers that have some. */
export async function roundsIn({ database }: Pick<World, 'database'>): Promise<Violation[]> {
  const { rows } = await database.query<{
    id: string;
    log: string;
    stop_reason: string | null;
    upto: number[];
    blocks: string[];
    sent: string | null;
  }>(`
    select r.id, r.log, r.stop_reason, array_agg(b.upto order by b.seq) as upto,
      array_agg(b.block order by b.seq) as blocks, min(m.blocks) as sent
    from skein.replies r
    join skein.answer_blocks b on b.reply = r.id and b.version = r.version
    left join skein.messages q on q.id = r.question
    left join skein.messages m on m.conversation = r.conversation and m.slack_ts = q.slack_ts and m.role = 'assistant'
    where r.state in ('shown', 'failed') group by r.id`);
  return rows.flatMap(({ id, log, upto, blocks, sent }) => {
    const problems: string[] = [];
    const stored = blocks.map((block) => JSON.parse(block) as Block);
    const words = stored.map((block) => (typeof block?.['text'] === 'string' ? block['text'] : '')).join('');
    const tail = log.slice(upto.at(-1) ?? 0);
    if (words + tail !== log)
      problems.push(`its blocks have ${words.length + tail.length} characters, its log ${log.length}`);
    const ids = stored.flatMap((block) => (isCall(block) ? [block['id']] : []));
    const found = stored.flatMap((block) => block['tool_use_id'] ?? []);
    if (new Set(found).size < found.length) problems.push(`a result is stored twice: ${found.join(', ')}`);
    // One of the provider's own that had no result may be made again under its old id here; what we call has a new one each time.
    const own = stored.flatMap((block) => (block?.['type'] === 'tool_use' ? [block['id']] : []));
    if (new Set(own).size < own.length) problems.push(`a call is stored twice: ${own.join(', ')}`);
    if (ids.length < found.length) problems.push('it has results without a call');
    try {
      const content = JSON.parse(sent ?? '[]') as Block[];
      readPairs([...turnsOf(content), { role: 'user', content: [] }]);
    } catch (thrown) {
      problems.push(`the provider refuses it: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
    return problems.map((what) => ({ promise: PROMISE, question: null, what: `reply ${id}: ${what}` }));
  });
}
