// Pages as Markdown, as `edgeocr read --format markdown` writes them: headings, paragraphs with their lines joined, lists, and
// tables, which are HTML where cells span. Headers, footers and page numbers are comments.

import { blocksOf, cellText, cellsOf } from "./blocks.js";

const AT_START = /^(#{1,6}(?=\s|$)|[-+=](?=[-+=\s]|$)|\d+(?=[.)](?:\s|$)))/;
const BULLET = /^(?:[•●○▪■□◆◇►▶‣⁃∙◦★☆✓✔➢➤※]\s*|[-–—*·]\s+)/u;
const NUMBER = /^(\d{1,9})[.．)）、]\s*/u;
const MARGINS = { header: "header", footer: "footer", page_number: "page" };

// The text without any meaning to Markdown.
function escaped(text) {
  const plain = text.trim().replace(/\s+/g, " ");
  const start = AT_START.exec(plain);
  const marked = plain.replace(/[\\`*_[\]<>&|~$]/g, "\\$&");
  if (!start) return marked;
  // A number is an item by the sign after it.
  const place = /\d/.test(start[1]) ? start[1].length : 0;
  return `${marked.slice(0, place)}\\${marked.slice(place)}`;
}

const cell = (text) => text.split("\n").map(escaped).join("<br>");

function html(page, table) {
  const rows = Array.from({ length: table.rows }, () => []);
  const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#x27;");
  for (const one of table.cells) {
    const spans = [["rowspan", one.row_span], ["colspan", one.column_span]].filter(([, count]) => count > 1);
    const text = cellText(page, one).split("\n").map(plain).join("<br/>");
    rows[one.row].push(`<td${spans.map(([name, count]) => ` ${name}="${count}"`).join("")}>${text}</td>`);
  }
  return `<table>\n${rows.map((row) => `<tr>${row.join("")}</tr>\n`).join("")}</table>`;
}

function table(page, found) {
  if (found.cells.some((one) => one.row_span > 1 || one.column_span > 1)) return html(page, found);
  const row = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  const [head, ...body] = cellsOf(page, found);
  return [row(head), `|${" --- |".repeat(found.columns)}`, ...body.map(row)].join("\n");
}

// An item of a list, indented by its depth; markers that Markdown does not have stay in its text.
function item(text, level) {
  const plain = text.split("\n").join(" "), indent = " ".repeat(4 * Math.max(0, level - 1));
  const bullet = BULLET.exec(plain), number = NUMBER.exec(plain);
  if (bullet) return `${indent}- ${escaped(plain.slice(bullet[0].length))}`;
  if (number) return `${indent}${number[1]}. ${escaped(plain.slice(number[0].length))}`;
  return `${indent}- ${escaped(plain)}`;
}

function block(page, { kind, level, text, table: found }) {
  if (found) return table(page, found);
  const rows = text.split("\n").map(escaped);
  if (kind === "heading") return `${"#".repeat(Math.min(6, Math.max(1, level)))} ${rows.join(" ")}`;
  if (kind === "list_item") return item(text, level);
  if (kind === "caption") return `*${rows.join(" ")}*`;
  if (MARGINS[kind]) return `<!-- ${MARGINS[kind]}: ${text.trim().replace(/\s+/g, " ").replaceAll("--", "- -").replaceAll(">", "›")} -->`;
  return rows.join("  \n");
}

export function pageMarkdown(page) {
  const blocks = blocksOf(page);
  return blocks.map((one, place) => {
    const isTight = one.kind === "list_item" && blocks[place + 1]?.kind === "list_item";
    return block(page, one) + (isTight ? "\n" : "\n\n");
  }).join("").trimEnd();
}
