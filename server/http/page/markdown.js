// Pages as Markdown.

import { blocksOf, cellsOf } from "./blocks.js";

// Marks and tags stay what they are: text.
const escaped = (text) => text.replace(/[\\`*_{}[\]<>#|~&]/g, "\\$&").replace(/^(\s*)([-+]|\d+[.)])(?=\s|$)/, (_, gap, sign) =>
  gap + (/\d/.test(sign) ? `${sign.slice(0, -1)}\\${sign.at(-1)}` : `\\${sign}`));

const paragraph = (text) => text.split("\n").map(escaped).join("  \n");

function table(rows) {
  const row = (cells) => `| ${cells.map((text) => text.split("\n").map(escaped).join("<br>")).join(" | ")} |`;
  const [head, ...body] = rows;
  return [row(head), `|${" --- |".repeat(head.length)}`, ...body.map(row)].join("\n");
}

function block(page, { kind, level, text, table: found }) {
  if (found) return table(cellsOf(page, found));
  if (kind === "heading") return `${"#".repeat(Math.min(6, level || 1))} ${escaped(text)}`;
  if (kind === "list_item") return `${"  ".repeat(Math.max(0, level - 1))}- ${escaped(text.replace(/^[•·▪◦‣*–-]\s*/, ""))}`;
  if (kind === "page_number") return "";
  return paragraph(text);
}

export function pageMarkdown(page) {
  const blocks = blocksOf(page);
  return blocks.map((one, place) => {
    const made = block(page, one);
    const isTight = one.kind === "list_item" && blocks[place + 1]?.kind === "list_item";
    return made && made + (isTight ? "\n" : "\n\n");
  }).join("").trimEnd();
}
