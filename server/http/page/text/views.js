// A page's text as it can be seen: by paragraphs, as tables whose cells can be edited, as Markdown.

import { blocksOf, cellText } from "./blocks.js";
import { edit } from "./doubts.js";
import { say } from "../i18n.js";
import { pageMarkdown } from "./markdown.js";

const HEADINGS = { heading: (level) => `h${Math.min(6, 2 + (level || 1))}`, list_item: () => "p" };

const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

function paragraphs(page, onEdit) {
  return blocksOf(page).map((block) => {
    if (block.table) return tableElement(page, block.table, onEdit);
    const made = element(HEADINGS[block.kind]?.(block.level) ?? "p", block.text, block.kind);
    if (block.kind === "list_item") made.dataset.level = Math.min(4, block.level || 1);
    return made;
  });
}

function tables(page, onEdit) {
  if (!page.tables.length) return [element("p", say("noTable"), "hint")];
  return page.tables.map((table) => tableElement(page, table, onEdit));
}

// A text of several rows goes to the cell's lines, the rest of it to the last one.
function editCell(page, cell, text, onEdit) {
  const rows = text.split("\n");
  cell.text = text;
  cell.lines.forEach((place, index) => {
    const isLast = index === cell.lines.length - 1, line = page.lines[place];
    edit(line, isLast ? rows.slice(index).join(" ") : (rows[index] ?? ""));
    onEdit(line);
  });
  if (!cell.lines.length) onEdit(null);
}

function tableElement(page, table, onEdit) {
  const frame = element("div", "", "wide"), made = document.createElement("table");
  const rows = Array.from({ length: table.rows }, () => made.insertRow());
  for (const cell of table.cells) {
    const place = rows[cell.row].insertCell(), field = document.createElement("textarea");
    place.rowSpan = cell.row_span;
    place.colSpan = cell.column_span;
    const text = cellText(page, cell);
    Object.assign(field, { value: text, rows: text.split("\n").length, spellcheck: false, autocomplete: "off" });
    field.setAttribute("aria-label", say("cell", cell.row + 1, cell.column + 1));
    const shadow = element("div", `${text}\u200b`, "marks");
    shadow.setAttribute("aria-hidden", "true");
    field.addEventListener("input", () => {
      shadow.textContent = `${field.value}\u200b`;
      editCell(page, cell, field.value, onEdit);
    });
    place.append(shadow, field);
  }
  frame.append(made);
  return frame;
}

// `onEdit` takes a line that was edited, or null for a cell that had none.
export const VIEWS = {
  paragraphs,
  table: tables,
  markdown: (page) => [element("pre", pageMarkdown(page))],
};
