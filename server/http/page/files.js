// The list of files: how far each of them is, and what can be done about it.

import { knows, say } from "./i18n.js";

const button = (text, label, act) => {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text });
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
};

// What a file's state is in words.
export function stateOf(reading) {
  switch (reading.state) {
    case "sending": return say("sending", Math.round(reading.sent * 100));
    case "reading":
      return reading.pageCount > 1
        ? say("readingPages", Math.min(reading.pageCount, reading.pages.filter((page) => page.done).length + 1), reading.pageCount, reading.lineCount)
        : say("reading", reading.lineCount);
    case "done": return say("done", reading.lineCount, reading.seconds.toFixed(1));
    case "busy": return say("busy", Math.ceil(reading.wait));
    case "failed": return complaint(reading.problem);
    default: return say(reading.state);
  }
}

// What a problem is in words; what the server says of it follows, since it names the limit.
export function complaint(problem) {
  if (problem.word) return say(problem.word);
  const key = `error${problem.status}`;
  const limit = problem.limit ? ` ${say("limit", readable(problem.limit.name, problem.limit.value), readable(problem.limit.name, problem.limit.asked))}` : "";
  return `${say(knows(key) ? key : "errorOther")}.${limit} ${problem.detail ?? ""}`.trim();
}

const readable = (name, value) => (name.endsWith("_bytes") ? say("bytesMebibytes", (value / 2 ** 20).toFixed(1)) : value);

export class Files {
  #list; #handlers; #rows = new Map();

  // `handlers`: show, stop, again, remove; each takes a reading.
  constructor(list, handlers) {
    this.#list = list;
    this.#handlers = handlers;
  }

  add(reading) {
    const row = document.createElement("li");
    this.#rows.set(reading, row);
    this.#list.append(row);
    this.update(reading);
  }

  remove(reading) {
    this.#rows.get(reading)?.remove();
    this.#rows.delete(reading);
  }

  updateAll() {
    for (const reading of this.#rows.keys()) this.update(reading);
  }

  mark(shown) {
    for (const [reading, row] of this.#rows) {
      row.classList.toggle("shown", reading === shown);
      row.querySelector(".name").setAttribute("aria-pressed", String(reading === shown));
    }
  }

  update(reading) {
    const row = this.#rows.get(reading);
    if (!row) return;
    if (!row.firstChild) this.#build(reading, row);
    const running = ["waiting", "sending", "reading", "busy"].includes(reading.state);
    row.dataset.state = reading.state;
    row.querySelector(".state").textContent = stateOf(reading);
    const progress = row.querySelector("progress");
    progress.hidden = !running;
    progress.setAttribute("aria-label", reading.name);
    const read = reading.pages.filter((page) => page.done).length;
    if (reading.state === "sending") progress.value = reading.sent;
    else if (reading.state === "reading" && reading.pageCount > 1) progress.value = read / reading.pageCount;
    else progress.removeAttribute("value");
    for (const [name, shown] of [["stop", running], ["again", ["failed", "stopped"].includes(reading.state)], ["remove", !running]]) {
      const one = row.querySelector(`.${name}`);
      one.hidden = !shown;
      one.textContent = say(name);
      one.setAttribute("aria-label", `${say(name)}: ${reading.name}`);
    }
  }

  #build(reading, row) {
    const name = button(reading.name, null, () => this.#handlers.show(reading));
    name.className = "name";
    name.setAttribute("aria-pressed", "false");
    const state = document.createElement("span"), acts = document.createElement("span");
    state.className = "state";
    acts.className = "row";
    for (const act of ["stop", "again", "remove"]) {
      const made = button("", null, () => this.#handlers[act](reading));
      made.className = act;
      acts.append(made);
    }
    row.append(name, acts, document.createElement("progress"), state);
  }
}
