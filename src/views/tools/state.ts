/** What the modal of connected servers carries. It passes through the person's hands: nothing in it is trusted. */
export interface ToolsState {
  /** Where it was opened: the channel that "here" means; null: none. */
  readonly channel: string | null;
  /** The server that it shows; null: the list, or a form for a new one. */
  readonly server: string | null;
}

export function writeToolsState({ channel, server }: ToolsState): string {
  return JSON.stringify([channel, server]);
}

/** What was written; null for anything else. Total. */
export function readToolsState(text: string): ToolsState | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 2) return null;
  const [channel, server] = parts as readonly unknown[];
  if (channel !== null && !(typeof channel === 'string' && /^[A-Z0-9]{2,20}$/.test(channel))) return null;
  if (server !== null && !(typeof server === 'string' && /^[0-9a-f-]{36}$/.test(server))) return null;
  return { channel, server };
}
