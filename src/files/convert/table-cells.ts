import type { Writer } from './writer.ts';

/** Tables inside a flow of paragraphs; one inside a cell of another becomes text of that cell. */
interface Tables {
  openTable(): void;
  openRow(): void;
  openCell(): void;
  /** Text that belongs to the open cell; false: there is none. */
  take(text: string): boolean;
  closeCell(): void;
  closeRow(): void;
  closeTable(): void;
}

export function createTables(writer: Writer): Tables {
  let depth = 0;
  let cells: string[] = [];
  let cell: string[] = [];
  return {
    openTable() {
      depth += 1;
    },
    openRow() {
      if (depth === 1) cells = [];
    },
    openCell() {
      if (depth === 1) cell = [];
    },
    take(text) {
      if (depth === 0) return false;
      if (text.trim() !== '') cell.push(text.trim());
      return true;
    },
    closeCell() {
      if (depth === 1) cells.push(cell.join(' '));
    },
    closeRow() {
      if (depth === 1 && cells.length > 0) writer.row(cells);
    },
    closeTable() {
      depth = Math.max(0, depth - 1);
      if (depth === 0) writer.endTable();
    },
  };
}
