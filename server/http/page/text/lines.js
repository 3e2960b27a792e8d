// The lines of a page, each of which can be edited, with marks under what is doubtful and what else that may be.

import { doubtAt, edit, restore, settle } from "./doubts.js";
import { say } from "../i18n.js";

export class Lines {
  #list; #rows = new Map(); #lineOf = new Map(); #handlers;

  // `handlers`: `point` takes the line that is pointed at, or null; `choose` one that has the focus, `edited` one that has
  // another text or fewer doubts; `next` goes to the next doubt.
  constructor(list, handlers) {
    this.#list = list;
    this.#handlers = handlers;
  }

  show(page) {
    this.#rows = new Map();
    this.#lineOf = new Map();
    this.#list.replaceChildren(...(page?.lines ?? []).map((line) => this.#made(line)));
    this.label();
  }

  // A line that is new on the page that is shown.
  add(page, line) {
    const next = page.lines[page.lines.indexOf(line) + 1];
    this.#list.insertBefore(this.#made(line), this.#rows.get(next) ?? null);
    this.label();
  }

  // What is said of each line, by its number; lines that are side by side have one number.
  label() {
    let number = 0, part = 0, before = null;
    for (const row of this.#list.children) {
      const line = this.#lineOf.get(row), isBeside = Boolean(before) && isSameRow(line, this.#lineOf.get(before));
      row.classList.toggle("beside", isBeside);
      row.classList.remove("leads");
      if (isBeside && part === 1) before.classList.add("leads");
      part = isBeside ? part + 1 : 1;
      if (!isBeside) number += 1;
      const doubts = line.doubts.length ? `, ${say("doubtful", line.doubts.length)}` : "";
      row.querySelector("textarea").setAttribute("aria-label", say(isBeside ? "lineBeside" : "line", number, part) + doubts);
      before = row;
    }
  }

  light(line, { focus = false } = {}) {
    for (const [one, row] of this.#rows) row.classList.toggle("lit", one === line);
    if (focus) this.#rows.get(line)?.querySelector("textarea").focus();
  }

  // Selects a part of a line.
  select(line, start, end) {
    const field = this.#rows.get(line)?.querySelector("textarea");
    if (!field) return;
    field.focus();
    field.setSelectionRange(start, end);
    field.scrollIntoView({ block: "nearest" });
    this.#offer(line);
  }

  // Where the selection is: a line, and a place in it; or null.
  get place() {
    const row = document.activeElement?.closest?.("#lines li");
    return row && { line: this.#lineOf.get(row), start: row.querySelector("textarea").selectionStart };
  }

  // A line was edited elsewhere.
  update(line) {
    const row = this.#rows.get(line);
    if (!row) return;
    const field = row.querySelector("textarea");
    if (field.value !== line.text) field.value = line.text;
    row.classList.toggle("edited", line.text !== line.read);
    row.querySelector(".marks").replaceChildren(...marked(line));
  }

  #made(line) {
    const row = document.createElement("li"), place = document.createElement("div");
    const marks = document.createElement("div"), field = document.createElement("textarea");
    place.className = "field";
    marks.className = "marks";
    marks.setAttribute("aria-hidden", "true");
    Object.assign(field, { rows: 1, value: line.text, spellcheck: false, autocomplete: "off" });
    field.addEventListener("input", () => {
      edit(line, field.value.replace(/[\r\n]+/g, " "));
      this.#changed(line);
    });
    field.addEventListener("keydown", (event) => this.#onKey(event, row, field, line));
    field.addEventListener("focus", () => this.#handlers.choose(line));
    field.addEventListener("click", () => this.#offer(line));
    row.addEventListener("focusout", (event) => row.contains(event.relatedTarget) || row.querySelector(".others")?.remove());
    row.addEventListener("pointerenter", () => this.#handlers.point(line));
    row.addEventListener("pointerleave", () => this.#handlers.point(null));
    place.append(marks, field);
    row.append(place);
    this.#rows.set(line, row);
    this.#lineOf.set(row, line);
    this.update(line);
    return row;
  }

  #changed(line) {
    this.update(line);
    this.label();
    this.#handlers.edited(line);
  }

  // What else the doubtful character at the selection may be.
  #offer(line) {
    const row = this.#rows.get(line), field = row.querySelector("textarea");
    row.querySelector(".others")?.remove();
    const doubt = doubtAt(line, field.selectionStart);
    if (!doubt) return;
    const others = document.createElement("div");
    others.className = "others";
    others.setAttribute("role", "group");
    others.setAttribute("aria-label", say("others"));
    const own = line.text.slice(doubt.start, doubt.end);
    for (const text of [own, ...doubt.others]) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: text.trim() ? text : "␣", title: say(text === own ? "keepAsIs" : "takeInstead", text) });
      button.classList.toggle("own", text === own);
      button.setAttribute("aria-label", button.title);
      button.addEventListener("click", () => this.#settle(line, doubt, text));
      others.append(button);
    }
    others.addEventListener("keydown", (event) => this.#onOthersKey(event, field));
    row.append(others);
  }

  #settle(line, doubt, text) {
    if (text === line.text.slice(doubt.start, doubt.end)) settle(line, doubt);
    else edit(line, line.text.slice(0, doubt.start) + text + line.text.slice(doubt.end));
    // A text that begins or ends as the old one does leaves some of the doubt.
    line.doubts = line.doubts.filter((one) => one.start !== doubt.start);
    this.#changed(line);
    this.#handlers.next();
  }

  #onOthersKey(event, field) {
    const buttons = [...event.currentTarget.children], place = buttons.indexOf(document.activeElement);
    const way = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape" || (event.key === "ArrowUp" && place === 0)) field.focus();
    else if (way && !event.altKey) buttons[Math.min(buttons.length - 1, Math.max(0, place + way))].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #onKey(event, row, field, line) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const isFirst = field.selectionStart === 0, isLast = field.selectionEnd === field.value.length;
    const others = row.querySelector(".others button:nth-child(2)");
    let target = null;
    if (event.key === "ArrowDown" && others && doubtAt(line, field.selectionStart)) target = others;
    else if (event.key === "Enter" && !event.isComposing) target = (row.nextElementSibling ?? row).querySelector("textarea");
    else if (event.key === "ArrowDown" && isLast) target = row.nextElementSibling?.querySelector("textarea");
    else if (event.key === "ArrowUp" && isFirst) target = row.previousElementSibling?.querySelector("textarea");
    else if (event.key === "Escape" && line.text !== line.read) {
      restore(line);
      this.#changed(line);
    }
    if (!target) return;
    event.preventDefault();
    target.focus();
  }
}

const isSameRow = (one, other) => one.row !== undefined && one.row === other.row && one.paragraph === other.paragraph;

// The text in pieces, with its doubtful ones marked; it lies under the field and is not seen itself.
function marked({ text, doubts }) {
  const pieces = [];
  let at = 0;
  for (const { start, end } of doubts) {
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, end);
    pieces.push(text.slice(at, start), mark);
    at = end;
  }
  // A line that ends with a space, or has nothing, is as high as others.
  return [...pieces, `${text.slice(at)}\u200b`];
}
