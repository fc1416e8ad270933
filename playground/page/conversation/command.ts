/** Completing slash commands while someone types. Pure. */
import type { PageCommand } from '../../protocol.ts';

/** Commands whose half-typed name is all that stands before the caret. */
export function commandAt(
  commands: readonly PageCommand[],
  text: string,
  caret: number,
): readonly PageCommand[] {
  const half = /^\/[\w-]*$/.exec(text.slice(0, caret))?.[0];
  if (half === undefined || /\S/.test(text.slice(caret))) return [];
  return commands.filter(({ command }) => command.startsWith(half.toLowerCase()));
}

export function completeCommand({ command }: PageCommand): { readonly text: string; readonly caret: number } {
  const text = `${command} `;
  return { text, caret: text.length };
}

/** The command that this text would send; `null` if it is not a command. */
export function hintFor(commands: readonly PageCommand[], text: string): PageCommand | null {
  const name = /^(\/[\w-]+)(?:\s|$)/.exec(text)?.[1];
  return commands.find(({ command }) => command === name) ?? null;
}
