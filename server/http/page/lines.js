// The lines of a page, each of which can be edited.

import { say } from "./i18n.js";

export class Lines {
  #list; #rows = new Map(); #lineOf = new Map(); #handlers;

  // `handlers.point` takes the line that is pointed at, or null; `handlers.choose` one that has the focus.
  constructor(list, handlers) {
    this.#list = list;
    this.#handlers = handlers;
  }

  show(page) {
    this.#rows = new Map();
    this.#lineOf = new Map();
    this.#list.replaceChildren();
    for (const line of page?.lines ?? []) this.#append(line, null);
    this.label();
  }

  // A line that is new on the page that is shown.
  add(page, line) {
    const next = page.lines[page.lines.indexOf(line) + 1];
    this.#append(line, this.#rows.get(next) ?? null);
    this.label();
  }

  label() {
    let number = 0;
    for (const row of this.#list.children) {
      const line = this.#lineOf.get(row);
      row.firstChild.setAttribute("aria-label", say("line", ++number, Math.round(line.confidence * 100)));
      row.firstChild.title = say("line", number, Math.round(line.confidence * 100));
    }
  }

  light(line, { focus = false } = {}) {
    for (const [one, row] of this.#rows) row.classList.toggle("lit", one === line);
    const row = this.#rows.get(line);
    if (focus && row) row.firstChild.focus();
  }

  #append(line, before) {
    const row = document.createElement("li"), field = document.createElement("textarea");
    field.rows = 1;
    field.value = line.text;
    field.spellcheck = false;
    field.autocomplete = "off";
    field.className = line.confidence < 0.8 ? "doubtful" : "";
    field.addEventListener("input", () => {
      line.text = field.value.replace(/[\r\n]+/g, " ");
      row.classList.toggle("edited", line.text !== line.read);
    });
    field.addEventListener("keydown", (event) => this.#onKey(event, row, field, line));
    field.addEventListener("focus", () => this.#handlers.choose(line));
    row.addEventListener("pointerenter", () => this.#handlers.point(line));
    row.addEventListener("pointerleave", () => this.#handlers.point(null));
    row.classList.toggle("edited", line.text !== line.read);
    row.append(field);
    this.#rows.set(line, row);
    this.#lineOf.set(row, line);
    this.#list.insertBefore(row, before);
  }

  #onKey(event, row, field, line) {
    const isFirst = field.selectionStart === 0, isLast = field.selectionEnd === field.value.length;
    let other = null;
    if (event.key === "Enter" && !event.isComposing) other = row.nextElementSibling ?? row;
    else if (event.key === "ArrowDown" && isLast) other = row.nextElementSibling;
    else if (event.key === "ArrowUp" && isFirst) other = row.previousElementSibling;
    else if (event.key === "Escape" && line.text !== line.read) {
      field.value = line.text = line.read;
      row.classList.remove("edited");
    }
    if (!other) return;
    event.preventDefault();
    other.firstChild.focus();
  }
}
