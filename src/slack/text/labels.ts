import { type Names, plain } from './content.ts';
import { decodeEntities } from './markup.ts';

/**
 * The names, and for whatever they lack the labels that Slack wrote into the tokens of this text (`<#C1|launch>`):
 * blocks hold the ids alone.
 */
export function withLabels(names: Names, text: string): Names {
  const labels = new Map<string, string>();
  for (const [, id = '', label = ''] of plain(text).matchAll(
    /<(?:@|#|!subteam\^)([A-Za-z0-9_-]{1,64})\|([^<>]{1,200})>/g,
  ))
    if (!labels.has(id)) labels.set(id, decodeEntities(label));
  if (labels.size === 0) return names;
  return {
    user: (id) => names.user(id) ?? labels.get(id) ?? null,
    channel: (id) => names.channel(id) ?? labels.get(id) ?? null,
    usergroup: (id) => names.usergroup(id) ?? labels.get(id) ?? null,
  };
}
