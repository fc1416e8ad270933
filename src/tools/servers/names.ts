import { createHash } from 'node:crypto';

/** Longest name of a tool that the model's API takes (`^[a-zA-Z0-9_-]{1,64}$`, its reference of tools). */
const MOST_NAME = 64;
const MARK = 7;

/**
 * The name by which the model knows a tool of a server: `desk__find_ticket`. It depends on nothing but the two, so it stays
 * when other tools come and go. What the model's API does not take is replaced, and a mark made of the whole name tells
 * such names apart.
 */
export function modelName(server: string, tool: string): string {
  const most = MOST_NAME - server.length - 2;
  const plain = tool.replace(/[^a-zA-Z0-9_-]/g, '_');
  const same = plain === tool && tool !== '' && tool.length <= most;
  const mark = `_${createHash('sha256')
    .update(tool)
    .digest('hex')
    .slice(0, MARK - 1)}`;
  return `${server}__${same ? tool : `${plain.slice(0, most - MARK)}${mark}`}`;
}
