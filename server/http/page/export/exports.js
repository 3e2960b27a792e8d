// How what was read is made into files; a new form is an entry in MAKERS and in saving.js.

import { blocksOf, cellsOf, textOf } from "../text/blocks.js";
import { pageMarkdown } from "../text/markdown.js";
import { toPdf } from "./pdf.js";
import { toCsv, toXlsx } from "./sheets.js";
import { fileNames, zip } from "./zip.js";

const tabbed = (page) => page.tables.map((table) => cellsOf(page, table)
  .map((cells) => cells.map((text) => text.replace(/[\t\n]+/g, " ")).join("\t")).join("\n")).join("\n\n");

// A page's text as it is seen.
export const COPIED = {
  lines: textOf,
  paragraphs: (page) => blocksOf(page).map((block) => block.text).join("\n\n"),
  table: (page) => tabbed(page) || textOf(page),
  markdown: pageMarkdown,
};

function toText({ pages }) {
  return pages.map(textOf).filter(Boolean).join("\n\n") + "\n";
}

function toMarkdown({ pages }) {
  return pages.map(pageMarkdown).filter(Boolean).join("\n\n---\n\n") + "\n";
}

const tableObject = (page, table) => ({ rows: table.rows, columns: table.columns, polygon: table.polygon, cells: cellsOf(page, table) });

// The lines as they were edited, each with what was read where that is something else.
function toJson({ name, pages }) {
  const found = pages.map((page) => ({
    index: page.index, width: page.width, height: page.height, reviewed: page.reviewed, text: textOf(page),
    lines: page.lines.map(({ text, read, confidence, polygon, row, paragraph }) =>
      ({ text, ...(text === read ? {} : { read }), confidence, polygon, row, paragraph })),
    tables: page.tables.map((table) => tableObject(page, table)),
  }));
  return JSON.stringify({ name, text: found.map((page) => page.text).filter(Boolean).join("\n\n"), pages: found }, null, 2) + "\n";
}

const TEXT = ";charset=utf-8";

// By suffix the type, and what gives the text, bytes or Blob of { name, pages, reading }, at once or later; null if nothing
// can be made.
export const MAKERS = {
  txt: [`text/plain${TEXT}`, toText],
  md: [`text/markdown${TEXT}`, toMarkdown],
  csv: [`text/csv${TEXT}`, toCsv],
  xlsx: ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", toXlsx],
  json: [`application/json${TEXT}`, toJson],
  pdf: ["application/pdf", toPdf],
};

const stem = ({ name }) => name.replace(/\.[^.]*$/, "") || name;

function offer(content, name, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Several are a file each in a ZIP file; whether there was something to save.
export async function save(suffix, parts) {
  const [type, make] = MAKERS[suffix], made = [];
  for (const part of parts) {
    const content = await make(part);
    if (content !== null) made.push([part, content]);
  }
  if (!made.length) return false;
  const names = fileNames(made.map(([part]) => stem(part)), suffix);
  if (parts.length === 1) offer(made[0][1], names[0], type);
  else offer(await zip(made.map(([, content], place) => [names[place], content])), `edgeocr-${suffix}.zip`, "application/zip");
  return true;
}
