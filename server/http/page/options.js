// What is asked of the server besides the file.

import { say } from "./i18n.js";

const STEPS = ["orientation", "skew", "enhancement", "tables"];
const PAGES = /^\s*\d{1,9}(\s*-\s*(\d{1,9})?)?(\s*,\s*\d{1,9}(\s*-\s*(\d{1,9})?)?)*\s*$/;
const find = (id) => document.getElementById(id);

// What is wrong with a field, as a word; empty if nothing is.
const CHECKS = {
  pages: (field) => (field.value.trim() && !PAGES.test(field.value) ? "problemPages" : ""),
  dpi: (field) => (field.validity.badInput || field.validity.rangeOverflow || field.validity.rangeUnderflow ? "problemDpi" : ""),
  timeout: (field) => (field.validity.badInput || field.validity.rangeOverflow || field.validity.rangeUnderflow ? "problemTimeout" : ""),
};

function check(name) {
  const field = find(name), wrong = CHECKS[name](field), note = find(`${name}-wrong`);
  field.setAttribute("aria-invalid", String(Boolean(wrong)));
  note.textContent = wrong && say(wrong);
  return !wrong;
}

export function checkOptions() {
  for (const name of Object.keys(CHECKS)) find(name).addEventListener("change", () => check(name));
}

// Fields that are wrong, which the page says there, count as empty.
export function optionsOf(reading) {
  const asked = { mode: find("mode").value, alternatives: "1" };
  if (!reading.isDrawnHere) asked.pictures = "1";
  if (reading.password) asked.password = reading.password;
  for (const name of Object.keys(CHECKS)) {
    const value = find(name).value.replace(/\s/g, "");
    if (value && check(name)) asked[name] = value;
  }
  const omitted = STEPS.filter((id) => !find(id).checked);
  if (omitted.length) asked.omit = omitted.join(",");
  if (find("text-layer").checked) asked.text_layer = "use";
  if (find("recognition").value) asked.reading = find("recognition").value;
  if (asked.timeout) asked.partial = "1";
  return asked;
}
