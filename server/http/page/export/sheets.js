// Rows and tables as CSV (RFC 4180) and as XLSX (ECMA-376), in which no cell is a formula.

import { cellText, rowsOf } from "../text/blocks.js";
import { zip } from "./zip.js";

// A picture can say anything: what spreadsheets would run as a formula is marked as text.
const asText = (text) => (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text);

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// Rows of { text, down, right }: text, and over how many rows and columns a cell goes; null where there is none.
function grid(page) {
  return rowsOf(page).flatMap(({ cells, table }) => {
    if (!table) return [cells.map((text) => ({ text, down: 1, right: 1 }))];
    const rows = Array.from({ length: table.rows }, () => Array(table.columns).fill(null));
    for (const cell of table.cells) rows[cell.row][cell.column] = { text: cellText(page, cell), down: cell.row_span, right: cell.column_span };
    return rows;
  });
}

// Begins with a mark by which spreadsheets know that it is UTF-8.
export function toCsv({ pages }) {
  const rows = pages.flatMap(grid);
  return "\ufeff" + rows.map((row) => row.map((cell) => quoted(asText(cell?.text ?? ""))).join(",") + "\r\n").join("");
}

// XML 1.0 has no other control characters.
const xml = (text) => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
  .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function columnName(number) {
  return number < 26 ? String.fromCharCode(65 + number) : columnName(Math.floor(number / 26) - 1) + columnName(number % 26);
}

// What a sheet shows as it is written is a number: whole ones, and those with two decimals.
function cellXml({ text }, name) {
  const number = /^-?(?:0|[1-9]\d{0,11})(\.\d\d)?$/.exec(text);
  if (number && text !== "-0") return `<c r="${name}"${number[1] ? ' s="2"' : ""}><v>${text}</v></c>`;
  return `<c r="${name}" s="1" t="inlineStr"><is><t xml:space="preserve">${xml(text)}</t></is></c>`;
}

function sheet(page) {
  const rows = grid(page), merged = [];
  const body = rows.map((cells, row) => `<row r="${row + 1}">${cells.map((cell, column) => {
    if (!cell) return "";
    const name = columnName(column) + (row + 1);
    if (cell.down > 1 || cell.right > 1) merged.push(`<mergeCell ref="${name}:${columnName(column + cell.right - 1)}${row + cell.down}"/>`);
    return cell.text ? cellXml(cell, name) : "";
  }).join("")}</row>`).join("");
  const merges = merged.length ? `<mergeCells count="${merged.length}">${merged.join("")}</mergeCells>` : "";
  return `${HEAD}<worksheet xmlns="${MAIN}"><cols><col min="1" max="64" width="24" customWidth="1"/></cols><sheetData>${body}</sheetData>${merges}</worksheet>`;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const BASE = "http://schemas.openxmlformats.org", MAIN = `${BASE}/spreadsheetml/2006/main`;
const RELATION = `${BASE}/officeDocument/2006/relationships`, PACKAGE = `${BASE}/package/2006`;
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";

const relations = (all) => `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${all.map(([kind, target], place) =>
  `<Relationship Id="r${place + 1}" Type="${RELATION}/${kind}" Target="${target}"/>`).join("")}</Relationships>`;

const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>` +
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>' +
  '<xf numFmtId="49" applyNumberFormat="1" applyAlignment="1" quotePrefix="1"><alignment wrapText="1" vertical="top"/></xf><xf numFmtId="2" applyNumberFormat="1"/></cellXfs></styleSheet>';

// A sheet for each page.
export function toXlsx({ pages }) {
  const numbers = pages.map((_, place) => place + 1);
  const part = (name, kind) => `<Override PartName="/xl/${name}.xml" ContentType="${TYPE}.${kind}+xml"/>`;
  return zip([
    ["[Content_Types].xml", `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ` +
      'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      `${part("workbook", "sheet.main")}${part("styles", "styles")}${numbers.map((one) => part(`sheet${one}`, "worksheet")).join("")}</Types>`],
    ["_rels/.rels", relations([["officeDocument", "xl/workbook.xml"]])],
    ["xl/workbook.xml", `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATION}"><sheets>${numbers.map((one) =>
      `<sheet name="${pages[one - 1].index + 1}" sheetId="${one}" r:id="r${one}"/>`).join("")}</sheets></workbook>`],
    ["xl/_rels/workbook.xml.rels", relations([...numbers.map((one) => ["worksheet", `sheet${one}.xml`]), ["styles", "styles.xml"]])],
    ["xl/styles.xml", STYLES],
    ...pages.map((page, place) => [`xl/sheet${place + 1}.xml`, sheet(page)]),
  ]);
}
