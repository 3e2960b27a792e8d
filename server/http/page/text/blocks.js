// A page's text by rows, blocks and tables, as its lines are now.

export const IS_WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u;
const COLUMN_GAP = 2;

// How many places a text takes in a font of fixed width.
const widthOf = (text) => [...text].reduce((sum, one) => sum + (IS_WIDE.test(one) ? 2 : /\p{M}/u.test(one) ? 0 : 1), 0);

// Lines that one text runs through: words that were divided are joined, and Han needs no spaces.
function joined(texts) {
  return texts.filter(Boolean).reduce((whole, text) => {
    if (!whole) return text;
    if (/\p{Ll}-$/u.test(whole) && /^\p{Ll}/u.test(text)) return whole.slice(0, -1) + text;
    const gap = IS_WIDE.test([...whole].at(-1)) && IS_WIDE.test([...text][0]) ? "" : " ";
    return whole + gap + text;
  }, "");
}

export const cellText = (page, cell) => (cell.lines.length ? cell.lines.map((place) => page.lines[place].text).join("\n") : cell.text);

// Texts by row and column; that of a cell that spans several is in its first place.
export function cellsOf(page, table) {
  const rows = Array.from({ length: table.rows }, () => Array(table.columns).fill(""));
  for (const cell of table.cells) rows[cell.row][cell.column] = cellText(page, cell);
  return rows;
}

const groups = (items, key) => {
  const found = [];
  let last;
  for (const item of items) {
    const now = key(item);
    if (found.length && now === last) found.at(-1).push(item);
    else found.push([item]);
    last = now;
  }
  return found;
};

// Rows in reading order: `cells` from left to right, or a whole `table`; `paragraph` is whether one begins.
export function rowsOf(page) {
  const tableOf = new Map();
  page.tables.forEach((table) => table.cells.forEach((cell) => cell.lines.forEach((place) => tableOf.set(place, table))));
  const shown = new Set(), found = [];
  const key = (line) => `${line.paragraph ?? line.place} ${line.row ?? line.place} ${tableOf.has(line.place)}`;
  let before = null;
  for (const row of groups(page.lines, key)) {
    const paragraph = row[0].paragraph !== before && found.length > 0;
    before = row[0].paragraph;
    const tables = new Set(row.map((line) => tableOf.get(line.place)).filter(Boolean));
    for (const table of tables) if (!shown.has(table)) found.push({ table, paragraph });
    tables.forEach((table) => shown.add(table));
    const cells = row.filter((line) => !tableOf.has(line.place)).map((line) => line.text).filter(Boolean);
    if (cells.length) found.push({ cells, paragraph });
  }
  return found;
}

// A table's rows that have text, their columns aligned; a cell that is wider than its columns moves those behind it.
function aligned(page, table) {
  const widths = Array(table.columns).fill(0);
  const cells = table.cells.map((cell) => ({ ...cell, text: oneLine(cellText(page, cell)) }));
  for (const { column, column_span: span, text } of cells) if (span === 1) widths[column] = Math.max(widths[column], widthOf(text));
  const starts = [0];
  for (const width of widths) starts.push(starts.at(-1) + (width ? width + COLUMN_GAP : 0));
  const rows = Array(table.rows).fill(""), ends = Array(table.rows).fill(0);
  for (const { row, column, text } of cells) {
    if (!text) continue;
    const gap = Math.max(starts[column] - ends[row], ends[row] ? COLUMN_GAP : 0);
    rows[row] += " ".repeat(gap) + text;
    ends[row] += gap + widthOf(text);
  }
  return rows.filter(Boolean);
}

const oneLine = (text) => text.replace(/\s*\n\s*/g, " ");

// A row a line, tables with their columns aligned, a blank line between paragraphs.
export function textOf(page) {
  return rowsOf(page).flatMap((row) => [
    ...(row.paragraph ? [""] : []),
    ...(row.table ? aligned(page, row.table) : [row.cells.join(" ")]),
  ]).join("\n");
}

// { kind, level, text, table }; before a page is finished each line is a block.
export function blocksOf(page) {
  if (!page.blocks.length) return page.lines.map((line) => ({ kind: "paragraph", level: 0, text: line.text, table: null }));
  return page.blocks.map(({ kind, level = 0, text, table, lines }) => {
    const own = lines.map((place) => page.lines[place]).filter(Boolean);
    const isEdited = own.some((line) => line.text !== line.read);
    return { kind, level, text: isEdited ? joined(own.map((line) => line.text)) : text, table: page.tables[table] ?? null };
  });
}
