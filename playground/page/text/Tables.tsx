import { useState } from 'react';
import { type Fields, fields, list, str } from './fields.ts';
import { RichText } from './RichText.tsx';
import { ScrollBox } from './ScrollBox.tsx';

/** A `table` block: as wide as it is, columns aligned as it says. */
export function Table({ block }: { readonly block: Fields }) {
  const align = list(block['column_settings']).map((column) => sideOf(str(column['align'])));
  return <Grid label="Table" rows={rowsOf(block)} align={align} />;
}

interface Order {
  readonly column: number;
  readonly down: boolean;
}

/** A `data_table` block: sorted by the column whose name is pressed, and page by page. */
export function DataTable({ block }: { readonly block: Fields }) {
  const [order, setOrder] = useState<Order | null>(null);
  const [page, setPage] = useState(0);
  const [head = [], ...body] = rowsOf(block);
  const size = Math.min(100, Math.max(1, Number(block['page_size']) || 5));
  const sorted = order === null ? body : body.toSorted((a, b) => compare(a, b, order));
  const pages = Math.max(1, Math.ceil(sorted.length / size));
  const shown = Math.min(page, pages - 1);
  const sort = (column: number) => setOrder((now) => ({ column, down: now?.column === column && !now.down }));
  const align = head.map((_, at) =>
    body.every((row) => row[at]?.['type'] === 'raw_number') ? 'end' : 'start',
  );
  const caption = str(block['caption']);
  return (
    <div className="data-table">
      <Grid
        label={caption || 'Table'}
        rows={[head, ...sorted.slice(shown * size, (shown + 1) * size)]}
        align={align}
        order={order}
        onSort={sort}
      />
      <p className="data-table-foot">
        {caption}
        {pages > 1 && (
          <>
            {' · '}
            <button type="button" disabled={shown === 0} onClick={() => setPage(shown - 1)}>
              Back
            </button>{' '}
            Page {shown + 1} of {pages}{' '}
            <button type="button" disabled={shown === pages - 1} onClick={() => setPage(shown + 1)}>
              Next
            </button>
          </>
        )}
      </p>
    </div>
  );
}

function Grid({
  label,
  rows,
  align,
  order = null,
  onSort,
}: {
  readonly label: string;
  readonly rows: readonly (readonly Fields[])[];
  readonly align: readonly ('start' | 'center' | 'end')[];
  readonly order?: Order | null;
  readonly onSort?: (column: number) => void;
}) {
  const [head = [], ...body] = rows;
  const style = (column: number) => ({ textAlign: align[column] ?? 'start' }) as const;
  const sorted = (column: number) =>
    order?.column !== column ? undefined : order.down ? ('descending' as const) : ('ascending' as const);
  return (
    <ScrollBox className="table-scroll" label={label}>
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name but their place
              <th key={index} style={style(index)} aria-sort={sorted(index)}>
                {onSort === undefined ? (
                  <Cell cell={cell} />
                ) : (
                  <button type="button" className="sort" onClick={() => onSort(index)}>
                    <Cell cell={cell} />
                    {sorted(index) === undefined ? '' : sorted(index) === 'ascending' ? ' ↑' : ' ↓'}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name but their place
            <tr key={rowIndex}>
              {row.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name but their place
                <td key={index} style={style(index)}>
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Cell({ cell }: { readonly cell: Fields }) {
  return cell['type'] === 'rich_text' ? <RichText block={cell} /> : str(cell['text']) || str(cell['value']);
}

function rowsOf(block: Fields): (readonly Fields[])[] {
  return Array.isArray(block['rows']) ? block['rows'].map(list) : [];
}

function sideOf(align: string): 'start' | 'center' | 'end' {
  if (align === 'right') return 'end';
  return align === 'center' ? 'center' : 'start';
}

function compare(a: readonly Fields[], b: readonly Fields[], { column, down }: Order): number {
  const [one, other] = [a[column] ?? {}, b[column] ?? {}];
  const numbers = [one, other].every((cell) => cell['type'] === 'raw_number');
  const found = numbers
    ? Number(one['value']) - Number(other['value'])
    : wordsOf(one).localeCompare(wordsOf(other));
  return down ? -found : found;
}

function wordsOf(cell: Fields): string {
  const own = str(cell['text']);
  return (
    own +
    list(cell['elements'])
      .map((part) => wordsOf(fields(part)))
      .join('')
  );
}
