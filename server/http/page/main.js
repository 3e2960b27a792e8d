// Ties the page together: files come in, are read, and are shown.

import { Files, showTotals } from "./files/files.js";
import { Keeping } from "./files/keeping.js";
import { Lines } from "./text/lines.js";
import { Pages } from "./files/pages.js";
import { Picture } from "./picture/picture.js";
import { Pictures } from "./picture/pictures.js";
import { Queue } from "./queue.js";
import { Reading } from "./store.js";
import { Token } from "./token.js";
import { edit, nextDoubt } from "./text/doubts.js";
import { moveAbout } from "./picture/hands.js";
import { checkOptions, optionsOf } from "./options.js";
import { complaint, noteOn } from "./problems.js";
import { count, say, setUpLanguage, whenLanguageChanges } from "./i18n.js";
import { cutOut } from "./picture/turning.js";
import { listenToKeys } from "./keys.js";
import { setUpSearch } from "./files/search.js";
import { setUpSaving } from "./export/saving.js";
import { takeFiles } from "./files/intake.js";

const find = (id) => document.getElementById(id);

const readings = [];
let shown = null, shownPage = null, chosen = null, view = "lines";

const announce = (text) => { find("said").textContent = text; };
const pictures = new Pictures((reading) => {
  files.update(reading);
  if (reading === shown) pages.show(shown, shownPage);
});
const keeping = new Keeping(() => announce(say("keepFailed")));

const light = (line) => {
  picture.light(line);
  lines.light(line);
};
const point = (line) => light(line ?? chosen);

function edited(line) {
  if (line) {
    picture.update(line);
    lines.update(line);
  }
  files.update(shown);
  keeping.keep(shown);
  update();
}

const picture = new Picture(find("frame"), find("sheet"), {
  point,
  choose: (line) => {
    setView("lines");
    lines.light(line, { focus: true });
  },
  edited: (line, text) => {
    edit(line, text);
    edited(line);
    if (view !== "lines") showView();
  },
});
const lines = new Lines(find("lines"), {
  point,
  edited,
  choose: (line) => {
    chosen = line;
    light(line);
    picture.light(line, { scroll: true });
  },
  next: () => goToDoubt(1),
});
const token = new Token(() => readings.filter((one) => one.isLocked).forEach(again));
const queue = new Queue({
  options: optionsOf,
  token: () => token.value,
  onChange: (reading) => {
    files.update(reading);
    updateTotals();
  },
  onEvent: take,
  onEnd: ended,
});
const files = new Files(find("list"), {
  show: (reading) => {
    show(reading);
    // On a phone the picture is below the list.
    if (matchMedia("(max-width: 700px)").matches) find("frame").scrollIntoView({ block: "center" });
  },
  again,
  stop: (reading) => queue.stop(reading),
  remove,
  unlock: (reading, password) => {
    reading.password = password;
    again(reading);
  },
  placeOf: (reading) => queue.placeOf(reading),
});
const pages = new Pages(showPage);

function enlist(reading) {
  readings.push(reading);
  files.add(reading);
  pictures.shrink(reading);
}

function add(added) {
  const found = [...added].map((file) => new Reading(file));
  announce(found.length ? count("added", found.length, found[0].name) : say("dropped"));
  found.forEach(enlist);
  if (found.length) show(found[0]);
  for (const reading of found) queue.add(reading);
}

function again(reading) {
  pictures.forget(reading);
  reading.forget();
  if (reading === shown) show(reading);
  queue.add(reading);
}

function remove(reading) {
  const place = readings.indexOf(reading);
  readings.splice(place, 1);
  files.remove(reading);
  pictures.forget(reading);
  keeping.forget(reading);
  if (shown === reading) show(readings[Math.min(place, readings.length - 1)] ?? null);
  update();
}

function take(reading, only, event) {
  const hadPages = reading.pages.length > 0, line = reading.take(event, only);
  files.update(reading);
  const page = only ?? reading.pages.find((one) => one.index === (event.data.page?.index ?? event.data.page));
  if (page && event.kind !== "line") pictures.shrink(reading, page);
  if (reading !== shown) return;
  if (!shownPage || (!hadPages && reading.pages.length)) showPage(reading.pages[0]);
  else if (line && page === shownPage) {
    lines.add(shownPage, line);
    picture.add(line);
    update();
  } else if (event.kind !== "line" && page === shownPage) showPage(shownPage);
  else update();
}

function ended(reading) {
  if (reading.state === "failed") announce(say("failed", reading.name, complaint(reading.problem)));
  else if (reading.state === "done") announce(say("finished", reading.name, count("lines", reading.lineCount)));
  if (reading.isLocked) token.ask();
  keeping.keep(reading);
  files.update(reading);
  if (reading === shown) showPage(shownPage ?? reading.pages[0] ?? null);
  updateTotals();
}

function show(reading) {
  shown = reading;
  document.body.classList.toggle("empty", !readings.length);
  files.mark(reading);
  showPage(reading?.pages[0] ?? null);
}

function showPage(page) {
  const kept = page === shownPage ? lines.place : null;
  shownPage = page;
  chosen = null;
  const url = pictures.urlOf(shown?.pictureOf(page));
  // Before anything is read there may be a picture already.
  picture.show(page ?? (url ? { width: 0, height: 0, turn: 0, lines: [], size: () => [400, 300] } : null), url);
  lines.show(page);
  if (kept) lines.select(kept.line, kept.start, kept.start);
  pages.show(shown, page);
  showView();
  update();
}

async function showView() {
  find("lines").hidden = view !== "lines";
  find("reading").hidden = view === "lines";
  if (view === "lines") return;
  const { VIEWS } = await import("./text/views.js");
  find("reading").replaceChildren(...(shownPage && VIEWS[view] ? VIEWS[view](shownPage, edited) : []));
}

function setView(name) {
  if (view === name) return;
  view = name;
  for (const button of find("views").children) button.setAttribute("aria-pressed", String(button.dataset.view === name));
  showView();
}

// What depends on how far the reading that is shown is.
function update() {
  const isBusy = Boolean(shown?.isRunning), hasPicture = Boolean(shown?.pictureOf(shownPage));
  pages.show(shown, shownPage);
  find("picture-name").textContent = shown?.name ?? "";
  find("no-picture").hidden = !shownPage || hasPicture;
  find("turn-left").disabled = find("turn-right").disabled = find("crop").disabled = !hasPicture || !shownPage || isBusy;
  find("words").setAttribute("aria-busy", String(isBusy));
  find("reviewed").checked = Boolean(shownPage?.reviewed);
  find("reviewed").disabled = !shownPage?.done;
  const note = find("no-text");
  note.textContent = noteOn(shown, shownPage);
  note.classList.toggle("problem", Boolean(shown?.problem || shownPage?.error));
  note.hidden = !note.textContent;
  updateTotals();
}

function updateTotals() {
  showTotals(readings);
  saving.offer(readings, shown, shownPage);
}

const saving = setUpSaving({ announce, scope: () => ({ readings, shown, page: shownPage }), view: () => view });

function goTo({ reading, page, line, start, end }) {
  if (reading !== shown) show(reading);
  if (page !== shownPage) showPage(page);
  setView("lines");
  lines.select(line, start, end);
}

function goToDoubt(way) {
  const place = lines.place ?? { line: chosen, start: way > 0 ? -1 : Infinity };
  const found = nextDoubt(readings, { reading: shown, page: shownPage, ...place }, way);
  if (found) goTo({ ...found, ...found.doubt });
  else announce(say("noDoubts"));
}

async function rotate(degrees) {
  const reading = shown, page = shownPage;
  reading.state = "waiting";
  files.update(reading);
  update();
  await page.turnBy(degrees, await queue.wholePicture(reading, page));
  pictures.shrink(reading, page);
  // Which way is up is known now.
  queue.add(reading, page, page.picture, (asked) => ({ ...asked, omit: [asked.omit, "orientation"].filter(Boolean).join(",") }));
  if (page === shownPage) showPage(page);
}

async function crop() {
  const reading = shown, page = shownPage;
  announce(say("cropHelp"));
  const { choosePart } = await import("./picture/cropping.js");
  const part = await choosePart(find("frame"), find("sheet"), say("cropHelp"));
  if (!part) return;
  const shares = picture.sharesOf(part), made = await cutOut(await queue.wholePicture(reading, page), page.turn, shares);
  const number = readings.filter((one) => one.origin === reading).length + 1;
  add([new File([made], say("partOf", reading.name.replace(/\.[^.]*$/, ""), number), { type: made.type })]);
  readings.at(-1).origin = reading;
}

const presses = {
  "smaller": () => picture.zoom(-1), "larger": () => picture.zoom(1), "fit": () => picture.zoom(0),
  "turn-left": () => rotate(270), "turn-right": () => rotate(90), "crop": crop,
  "stop-all": () => readings.filter((one) => one.isRunning).forEach((one) => queue.stop(one)),
  "retry": () => readings.filter((one) => one.isUnread).forEach(again),
  "clear-all": () => [...readings].forEach((one) => {
    if (one.isRunning) queue.stop(one);
    remove(one);
  }),
  "doubt-before": () => goToDoubt(-1), "doubt-after": () => goToDoubt(1),
  "boxes": () => find("boxes").setAttribute("aria-pressed", String(find("frame").classList.toggle("boxed"))),
};
for (const [id, press] of Object.entries(presses)) find(id).addEventListener("click", press);
for (const button of find("views").children) button.addEventListener("click", () => setView(button.dataset.view));
find("only-failed").addEventListener("change", () => files.filter(find("only-failed").checked));
find("reviewed").addEventListener("change", () => {
  shownPage.reviewed = find("reviewed").checked;
  edited(null);
});
listenToKeys({
  goToDoubt,
  // To the file before (-1) or after (1) the one that is shown.
  goToFile: (way) => { const reading = readings[readings.indexOf(shown) + way]; if (reading) show(reading); },
  goToPage: (way) => pages.go(way),
  findField: find("search"),
});
moveAbout(find("frame"), picture);
checkOptions();
takeFiles(add);
setUpSearch(readings, goTo);
find("status").addEventListener("toggle", async () =>
  new (await import("./status.js")).Status(find("status"), find("figures"), () => token.value), { once: true });
whenLanguageChanges(() => {
  files.updateAll();
  lines.label();
  showView();
  update();
});
await setUpLanguage(find("language"));
document.body.removeAttribute("aria-busy");
for (const record of await keeping.begin(find("keep"), readings, announce)) {
  const reading = Reading.from(record);
  enlist(reading);
  reading.pages.forEach((page) => pictures.shrink(reading, page));
}
if (!shown) show(readings[0] ?? null);
