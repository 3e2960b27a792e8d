// The list of files: how far each of them is, and what can be done about it.

import { count, say } from "../i18n.js";
import { complaint, wantsPassword } from "../problems.js";

const ACTS = ["stop", "again", "remove"];

// What a file's state is in words; `ahead` is how many wait before it here, or -1.
function stateOf(reading, ahead) {
  switch (reading.state) {
    case "waiting": return ahead > 0 ? count("waitingBehind", ahead) : say("waiting");
    case "queued": return reading.ahead > 0 ? count("queuedBehind", reading.ahead) : say("starting");
    case "reading":
      return reading.pageCount > 1
        ? say("readingPages", Math.min(reading.pageCount, reading.pages.filter((page) => page.done).length + 1), reading.pageCount)
        : count("reading", reading.lineCount);
    case "done": {
      const parts = [count("lines", reading.lineCount)];
      if (reading.pageCount > 1) parts.unshift(count("pagesRead", reading.pageCount));
      if (reading.doubtCount) parts.push(say("doubtful", reading.doubtCount));
      return parts.join(say("separator"));
    }
    case "busy": return say("busy", Math.ceil(reading.wait));
    case "failed": return complaint(reading.problem);
    default: return say(reading.state);
  }
}

export class Files {
  #list; #handlers; #rows = new Map();

  // `handlers`: `show`, `stop`, `again`, `remove` each take a reading, `unlock` a reading and a password; `placeOf` says
  // how many wait before a reading.
  constructor(list, handlers) {
    this.#list = list;
    this.#handlers = handlers;
  }

  add(reading) {
    const row = document.createElement("li");
    this.#rows.set(reading, row);
    this.#build(reading, row);
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
    this.#rows.get(shown)?.scrollIntoView({ block: "nearest" });
  }

  // Shows those only that failed, or all.
  filter(onlyFailed) {
    this.#list.classList.toggle("only-failed", onlyFailed);
  }

  update(reading) {
    const row = this.#rows.get(reading);
    if (!row) return;
    row.dataset.state = reading.state;
    row.classList.toggle("reviewed", reading.isReviewed);
    row.querySelector(".state").textContent = stateOf(reading, this.#handlers.placeOf(reading));
    const progress = row.querySelector("progress");
    progress.hidden = !reading.isRunning;
    progress.setAttribute("aria-label", reading.name);
    const read = reading.pages.filter((page) => page.done).length;
    if (reading.state === "reading" && reading.pageCount > 1) progress.value = read / reading.pageCount;
    else progress.removeAttribute("value");
    const image = row.querySelector("img");
    if (reading.thumbnail && image.src !== reading.thumbnail) image.src = reading.thumbnail;
    image.hidden = !reading.thumbnail;
    for (const [name, isOffered] of [["stop", reading.isRunning], ["again", !reading.isRunning], ["remove", !reading.isRunning]]) {
      const one = row.querySelector(`.${name}`);
      one.hidden = !isOffered;
      const word = name === "again" && reading.state === "done" ? "readAgain" : name;
      one.title = say(word);
      one.setAttribute("aria-label", say("of", say(word), reading.name));
    }
    this.#askForPassword(reading, row);
  }

  #askForPassword(reading, row) {
    const form = row.querySelector("form"), isAsked = reading.state === "failed" && wantsPassword(reading.problem);
    if (!isAsked) return form?.remove();
    const asking = form ?? this.#passwordForm(reading), [field, button] = asking.children;
    field.placeholder = say("password");
    field.setAttribute("aria-label", say("passwordOf", reading.name));
    button.textContent = say("unlock");
    return form ?? row.append(asking);
  }

  #passwordForm(reading) {
    const made = document.createElement("form"), field = document.createElement("input");
    Object.assign(field, { type: "password", autocomplete: "off", required: true });
    made.append(field, document.createElement("button"));
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#handlers.unlock(reading, field.value);
    });
    return made;
  }

  #build(reading, row) {
    const image = Object.assign(document.createElement("img"), { alt: "", hidden: true });
    const name = document.createElement("button"), state = document.createElement("span"), acts = document.createElement("span");
    Object.assign(name, { type: "button", className: "name", textContent: reading.name, title: reading.name });
    name.setAttribute("aria-pressed", "false");
    name.addEventListener("click", () => this.#handlers.show(reading));
    state.className = "state";
    acts.className = "acts";
    for (const act of ACTS) {
      const made = Object.assign(document.createElement("button"), { type: "button", className: act, textContent: { stop: "■", again: "↻", remove: "✕" }[act] });
      made.addEventListener("click", () => this.#handlers[act](reading));
      acts.append(made);
    }
    row.append(image, name, acts, document.createElement("progress"), state);
  }
}

const find = (id) => document.getElementById(id);

// What there is in all, and what can be done with all of it.
export function showTotals(readings) {
  const doubts = readings.reduce((sum, one) => sum + one.doubtCount, 0);
  find("totals").textContent = totals(readings);
  find("batch").hidden = readings.length < 2;
  find("stop-all").disabled = !readings.some((one) => one.isRunning);
  find("retry").disabled = !readings.some((one) => one.isUnread);
  find("doubts").textContent = doubts ? say("doubtful", doubts) : say("noDoubts");
  find("doubt-before").disabled = find("doubt-after").disabled = !doubts;
}

function totals(readings) {
  const states = (...names) => readings.filter((one) => names.includes(one.state)).length;
  const failed = states("failed"), stopped = states("stopped"), done = states("done");
  const parts = [say("totalRead", done, readings.length)];
  if (failed) parts.push(say("totalFailed", failed));
  if (stopped) parts.push(say("totalStopped", stopped));
  parts.push(count("lines", readings.reduce((sum, one) => sum + one.lineCount, 0)));
  return parts.join(say("separator"));
}
