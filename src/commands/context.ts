import { TOOL_CHARACTERS } from '../conversation/window.ts';
import { replyTotal } from '../ledger/store.ts';
import { createRenderer } from '../render/renderer.ts';
import { choiceOf } from '../settings/models.ts';
import { estimateTokensOfSize } from '../tokens.ts';
import { contextAnswer } from '../words/reports.ts';
import { toolsOfContext } from './context-tools.ts';
import { bar, code } from './markdown.ts';
import { demandHere, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { latestContext } from './store.ts';

/** What Claude is given of the latest conversation here, or of this thread. */
export async function context(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await demandHere(ports, asked);
  const facts = await latestContext(ports.database.query, asked);
  if (facts === null) return { markdown: contextAnswer.none };
  const [last, { models }, settings] = await Promise.all([
    facts.lastReply === null
      ? null
      : replyTotal(ports.database.query, facts.lastReply.id, facts.lastReply.calls),
    ports.models(),
    settingsHere(ports, asked),
  ]);
  const most = settings.context_tokens.value;
  const lookedUp = Math.ceil(facts.lookedUp / TOOL_CHARACTERS);
  const tokens = estimateTokensOfSize(facts, facts.model ?? undefined) + lookedUp;
  const window = facts.model === null ? null : (choiceOf(models, facts.model)?.contextTokens ?? null);
  const counted = last !== null && last.calls === 1 && !last.estimated ? last.inputTokens : null;
  const lines = [
    contextAnswer.title(asked.threadTs !== null),
    '',
    contextAnswer.sizes(facts.questions, facts.people, facts.answers, tokens, facts.summary !== null),
  ];
  if (facts.summary !== null) lines.push(contextAnswer.summarised(facts.summarised));
  if (facts.leftOut > 0) lines.push(contextAnswer.leftOut(facts.leftOut));
  if (counted !== null) lines.push(contextAnswer.counted(counted));
  lines.push(contextAnswer.limit(most, bar(BigInt(tokens), BigInt(most))));
  if (window !== null && facts.model !== null)
    lines.push(
      contextAnswer.window(code(facts.model), window, bar(BigInt(counted ?? tokens), BigInt(window))),
    );
  const tools = await toolsOfContext(ports, asked, { person, settings, threadTs: facts.threadTs });
  lines.push(...tools.lines);
  if (facts.summary !== null) lines.push('', contextAnswer.summaryTitle, '', shown(facts.summary));
  return { markdown: lines.join('\n'), buttons: tools.buttons };
}

/** The model's words, made as harmless as in an answer. */
function shown(text: string): string {
  const renderer = createRenderer();
  renderer.push(text);
  renderer.finish();
  return renderer
    .segments()
    .map(({ markdown }) => markdown)
    .join('\n\n');
}
