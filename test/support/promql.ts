import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** What a query asks of the metrics, as Prometheus' own grammar reads it. */
export interface Query {
  /** Parts that are no PromQL, with where they begin. */
  readonly errors: readonly string[];
  /** A selector of series: the metric, and the labels that it matches or that are grouped by around it. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
}

/** Grafana puts these in before Prometheus sees the query. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/\$__rate_interval/g, '5m'],
  [/\$__range/g, '1h'],
  [/\$job/g, 'skein'],
];

export function readQuery(query: string): Query {
  const text = VARIABLES.reduce((all, [variable, value]) => all.replace(variable, value), query);
  const errors: string[] = [];
  const selectors: { metric: string; labels: string[] }[] = [];
  const said = ({ from, to }: SyntaxNode) => text.slice(from, to);
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) errors.push(`at ${node.from}: ${text.slice(node.from, node.from + 20)}`);
      if (node.name !== 'VectorSelector') return;
      const found = node.node;
      const name = found.getChild('Identifier');
      const labels = [
        ...namesBelow(found, 'UnquotedLabelMatcher', said),
        // An aggregation around it has these labels only if the series has them.
        ...around(found).flatMap((one) => namesBelow(one, 'AggregateModifier', said)),
      ];
      selectors.push({ metric: name === null ? '' : said(name), labels });
    },
  });
  return { errors, selectors };
}

function around(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let parent = node.parent; parent !== null; parent = parent.parent)
    if (parent.name === 'AggregateExpr') found.push(parent);
  return found;
}

/** Label names in the parts of this kind, which stand directly in a node or in its list of matchers. */
function namesBelow(node: SyntaxNode, part: string, said: (node: SyntaxNode) => string): string[] {
  const found: string[] = [];
  node.cursor().iterate((one) => {
    if (one.name === 'LabelName' && inside(one.node, part, node)) found.push(said(one.node));
    // What is grouped by further inside is found from there.
    return one.node.from === node.from && one.node.to === node.to ? true : one.name !== 'AggregateExpr';
  });
  return found;
}

function inside(node: SyntaxNode, part: string, within: SyntaxNode): boolean {
  for (let one: SyntaxNode | null = node; one !== null && one.from >= within.from; one = one.parent) {
    if (one.name === part) return true;
    if (one.name === within.name && one.from === within.from && one.to === within.to) return false;
  }
  return false;
}
