// Ties the page together: files come in, are read, and are shown.

import { FORMATS, copy, save } from "./exports.js";
import { Files, complaint } from "./files.js";
import { takeFiles } from "./intake.js";
import { Reading } from "./store.js";
import { Lines } from "./lines.js";
import { Picture } from "./picture.js";
import { Refusal, readFile } from "./api.js";
import { Status } from "./status.js";
import { say, sayEverywhere, setUpLanguage, whenLanguageChanges } from "./i18n.js";

const AT_ONCE = 2, MOST_TRIES = 6;
const find = (id) => document.getElementById(id);

const readings = [];
let shown = null, shownPage = null, running = 0, token = sessionStorage.getItem("edgeocr-token") ?? "";
const urls = new Map();

const light = (line) => {
  picture.light(line);
  lines.light(line);
};
let chosen = null;
const point = (line) => light(line ?? chosen);
const picture = new Picture(find("frame"), find("sheet"), {
  point,
  choose: (line) => lines.light(line, { focus: true }),
});
const lines = new Lines(find("lines"), {
  point,
  choose: (line) => {
    chosen = line;
    light(line);
    picture.light(line, { scroll: true });
  },
});
const files = new Files(find("list"), {
  show: (reading) => show(reading),
  stop: (reading) => reading.stopper.abort(),
  again: (reading) => {
    forgetUrls(reading);
    reading.forget();
    files.update(reading);
    if (reading === shown) show(reading);
    readNext();
  },
  remove,
});
new Status(find("status"), find("figures"), () => token);

function announce(text) {
  find("said").textContent = text;
}

function add(added) {
  const found = [...added];
  if (!found.length) return announce(say("dropped"));
  for (const file of found) {
    const reading = new Reading(file);
    readings.push(reading);
    files.add(reading);
    announce(say("added", reading.name));
  }
  show(readings.at(-found.length));
  readNext();
}

function remove(reading) {
  readings.splice(readings.indexOf(reading), 1);
  files.remove(reading);
  forgetUrls(reading);
  if (shown === reading) show(readings.at(-1) ?? null);
  offer();
}

function options(reading) {
  const asked = { mode: find("mode").value };
  if (!reading.isDrawnHere) asked.pictures = "1";
  for (const [name, id] of [["pages", "pages"], ["dpi", "dpi"], ["timeout", "timeout"], ["password", "password"]]) {
    const value = find(id).value.trim();
    if (value) asked[name] = value;
  }
  const omitted = ["orientation", "skew", "enhancement", "tables"].filter((id) => !find(id).checked);
  if (omitted.length) asked.omit = omitted.join(",");
  if (find("text-layer").checked) asked.text_layer = "use";
  if (asked.timeout) asked.partial = "1";
  return asked;
}

function readNext() {
  while (running < AT_ONCE) {
    const reading = readings.find((one) => one.state === "waiting");
    if (!reading) break;
    running += 1;
    reading.state = "sending";
    const asked = options(reading);
    reading.pixelsPerInch = Number(asked.dpi ?? 0);
    read(reading, asked).finally(() => {
      running -= 1;
      offer();
      readNext();
    });
  }
  offer();
}

async function read(reading, asked) {
  for (let tries = 1; ; tries += 1) {
    try {
      await readFile(reading.file, {
        options: asked, token, signal: reading.stopper.signal,
        onSent: (share) => {
          if (reading.state === "sending") Object.assign(reading, { sent: share, state: share < 1 ? "sending" : "reading" });
          files.update(reading);
        },
        onEvent: (event) => take(reading, event),
      });
      announce(say("finished", reading.name, reading.lineCount));
      return;
    } catch (error) {
      const problem = error instanceof Refusal ? error.problem : { word: error.message };
      if (problem.status === 429 && tries < MOST_TRIES && !reading.lineCount) {
        if (await waitBusy(reading, problem.retry_seconds ?? 1)) continue;
      }
      fail(reading, problem);
      return;
    }
  }
}

// Whether it is to be tried again, once it is time.
async function waitBusy(reading, seconds) {
  announce(say("error429"));
  for (reading.wait = Math.max(1, seconds); reading.wait > 0; reading.wait -= 1) {
    reading.state = "busy";
    files.update(reading);
    await new Promise((wake) => setTimeout(wake, Math.min(1, reading.wait) * 1000));
    if (reading.stopper.signal.aborted) return false;
  }
  reading.state = "sending";
  return true;
}

function fail(reading, problem) {
  if (problem.word === "stopped" || reading.stopper.signal.aborted) {
    reading.state = "stopped";
  } else {
    Object.assign(reading, { state: "failed", problem });
    announce(say("failed", reading.name, complaint(problem)));
  }
  if (problem.status === 401) find("token-form").hidden = false;
  files.update(reading);
  if (reading === shown) update();
}

function take(reading, event) {
  const before = reading.pages.length;
  const line = reading.take(event);
  files.update(reading);
  if (reading !== shown) return;
  if (!shownPage || (before === 0 && reading.pages.length)) {
    showPage(reading.pages[0]);
  } else if (line && shownPage.lines.includes(line)) {
    lines.add(shownPage, line);
    picture.add(line);
    update();
  } else if (event.kind !== "line" && (event.data.page?.index ?? event.data.page) === shownPage.index) {
    showPage(shownPage);
  } else {
    update();
  }
}

function show(reading) {
  shown = reading;
  files.mark(reading);
  showPage(reading?.pages[0] ?? null);
}

function showPage(page) {
  const active = document.activeElement?.closest?.("#lines li");
  const kept = active && page === shownPage ? [...active.parentNode.children].indexOf(active) : -1;
  shownPage = page;
  chosen = null;
  const url = urlOf(shown?.pictureOf(page));
  // Before anything is read there may be a picture already.
  picture.show(page ?? (url ? { width: 0, height: 0, lines: [], size: () => [400, 300] } : null), url);
  lines.show(page);
  if (kept >= 0) find("lines").children[kept]?.firstChild.focus();
  update();
}

function urlOf(blob) {
  if (!blob) return null;
  if (!urls.has(blob)) urls.set(blob, URL.createObjectURL(blob));
  return urls.get(blob);
}

function forgetUrls(reading) {
  for (const blob of [reading.file, ...reading.pages.map((page) => page.picture)]) {
    if (urls.has(blob)) URL.revokeObjectURL(urls.get(blob));
    urls.delete(blob);
  }
}

// What depends on how far the reading that is shown is.
function update() {
  const pages = shown?.pages ?? [];
  const place = pages.indexOf(shownPage);
  find("turn").hidden = pages.length < 2;
  find("place").textContent = place < 0 ? "" : say("page", place + 1, Math.max(pages.length, shown.pageCount));
  find("previous").disabled = place <= 0;
  find("next").disabled = place < 0 || place >= pages.length - 1;
  find("empty").hidden = Boolean(shown);
  find("no-picture").hidden = !shown || Boolean(shown.pictureOf(shownPage)) || !shownPage;
  find("words").setAttribute("aria-busy", String(["sending", "reading"].includes(shown?.state)));
  const note = find("no-text");
  note.textContent = noteOn(shown, shownPage);
  note.classList.toggle("problem", Boolean(shown?.problem || shownPage?.error));
  note.hidden = !note.textContent;
  offer();
}

function noteOn(reading, page) {
  if (reading?.problem) return complaint(reading.problem);
  if (page?.error) return say("pageFailed", page.error.detail);
  if (page?.partial) return say("partial");
  if (page?.lines.length) return "";
  return say(reading?.state === "done" ? "nothing" : "noText");
}

function offer() {
  const some = readings.some((one) => one.lineCount);
  for (const one of find("exports").querySelectorAll("button")) one.disabled = one.id === "copy" ? !shown?.lineCount : !some;
}

function labelExports() {
  for (const one of find("exports").querySelectorAll("[data-format]")) {
    one.setAttribute("aria-label", say("save", one.dataset.format));
    one.title = say("save", one.dataset.format);
  }
}

for (const format of FORMATS) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: format.name, disabled: true });
  made.dataset.format = format.name;
  made.addEventListener("click", async () => {
    const isSaved = await save(format, readings.filter((one) => one.lineCount)).catch(() => false);
    if (!isSaved) announce(say("saveFailed", format.name));
  });
  find("exports").append(made);
}
takeFiles(add);
find("password-form").addEventListener("submit", (event) => event.preventDefault());
find("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = find("token").value.trim();
  sessionStorage.setItem("edgeocr-token", token);
  find("token-form").hidden = true;
  for (const one of readings.filter((reading) => reading.problem?.status === 401)) one.forget();
  files.updateAll();
  readNext();
});
find("copy").addEventListener("click", async () => {
  const said = say((await copy(shown.text)) ? "copied" : "copyFailed");
  announce(said);
  find("copy").textContent = said;
  setTimeout(() => { find("copy").textContent = say("copy"); }, 1500);
});
find("smaller").addEventListener("click", () => picture.zoom(-1));
find("larger").addEventListener("click", () => picture.zoom(1));
find("fit").addEventListener("click", () => picture.zoom(0));
find("previous").addEventListener("click", () => showPage(shown.pages[shown.pages.indexOf(shownPage) - 1]));
find("next").addEventListener("click", () => showPage(shown.pages[shown.pages.indexOf(shownPage) + 1]));
whenLanguageChanges(() => {
  files.updateAll();
  lines.label();
  labelExports();
  update();
});
setUpLanguage(find("language"));
sayEverywhere();
