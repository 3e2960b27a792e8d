// The forms in which what was read is saved; a new one is an entry in FORMATS.

import { toPdf } from "./pdf.js";

const several = (readings) => readings.length > 1;

export function toText(readings) {
  return readings.map((one) => (several(readings) ? `==> ${one.name} <==\n` : "") + one.text + "\n").join("\n");
}

// As the REST call answers, with the lines as they were edited.
export function toJson(readings) {
  const results = readings.map((one) => ({
    name: one.name,
    text: one.pages.flatMap((page) => page.lines.map((line) => line.text)),
    pages: one.pages.map((page) => ({
      index: page.index,
      width: page.width,
      height: page.height,
      lines: page.lines.map(({ text, confidence, polygon }) => ({ text, confidence, polygon })),
    })),
  }));
  return JSON.stringify({ text: results.flatMap((one) => one.text), results }, null, 2) + "\n";
}

const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value));

// A picture can say anything: what spreadsheets would run as a formula is marked as text.
const asText = (text) => (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text);

// Begins with a mark by which spreadsheets know that it is UTF-8.
export function toCsv(readings) {
  const rows = [["name", "page", "line", "text", "confidence", "x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"]];
  for (const one of readings)
    for (const page of one.pages)
      page.lines.forEach((line, place) =>
        rows.push([asText(one.name), page.index + 1, place + 1, asText(line.text), line.confidence, ...line.polygon.flat()]));
  return "\ufeff" + rows.map((row) => row.map((value) => cell(String(value))).join(",") + "\r\n").join("");
}

// Marks and tags stay what they are: text.
const escaped = (text) => text.replace(/[\\`*_{}[\]<>#|~&]/g, "\\$&").replace(/^(\s*)([-+]|\d+[.)])(?=\s)/, "$1\\$2");

export function toMarkdown(readings) {
  const parts = [];
  for (const one of readings) {
    if (several(readings)) parts.push(`# ${escaped(one.name)}`);
    for (const page of one.pages) {
      if (one.pages.length > 1) parts.push(`## ${page.index + 1}`);
      if (page.lines.length) parts.push(page.lines.map((line) => escaped(line.text)).join("  \n"));
    }
  }
  return parts.join("\n\n") + "\n";
}

const TEXT = ";charset=utf-8";

// `make` gives text or a Blob, at once or later; null if nothing can be made.
export const FORMATS = [
  { name: "TXT", suffix: "txt", type: `text/plain${TEXT}`, make: toText },
  { name: "JSON", suffix: "json", type: `application/json${TEXT}`, make: toJson },
  { name: "CSV", suffix: "csv", type: `text/csv${TEXT}`, make: toCsv },
  { name: "Markdown", suffix: "md", type: `text/markdown${TEXT}`, make: toMarkdown },
  { name: "PDF", suffix: "pdf", type: "application/pdf", make: toPdf },
];

// Whether there was something to save.
export async function save(format, readings) {
  const made = await format.make(readings);
  if (made === null) return false;
  const url = URL.createObjectURL(new Blob([made], { type: format.type }));
  const link = document.createElement("a");
  const stem = several(readings) ? "text" : readings[0].name.replace(/\.[^.]*$/, "") || "text";
  link.href = url;
  link.download = `${stem}.${format.suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return true;
}

// Whether the text is in the clipboard now.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS browsers have no clipboard for pages of other machines; the older way asks for a selection.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
