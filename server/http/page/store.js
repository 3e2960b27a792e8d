// What there is: files, their pages, and the lines of these. Knows nothing of how it is shown.

import { doubtsOf } from "./text/doubts.js";
import { turned } from "./picture/turning.js";

// What browsers draw by themselves; the server draws the pages of all else.
const DRAWN_TYPES = /^image\/(jpeg|png|webp|gif|bmp|avif)$/;

const RUNNING = ["waiting", "sending", "queued", "reading", "busy"];

// `read` is a line's text as it was read, `text` as it is now; `place` is its place on the page.
function makeLine(found, place) {
  return { ...found, place, read: found.text, doubts: doubtsOf(found) };
}

export const blobOf = (jpeg) => new Blob([Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0))], { type: "image/jpeg" });

export class Page {
  constructor(index) {
    Object.assign(this, { index, reviewed: false, original: null, turned: 0, picture: null, thumbnail: null });
    this.forget();
  }

  // `picture` is kept: it is what is read again.
  forget() {
    Object.assign(this, { width: 0, height: 0, lines: [], blocks: [], tables: [], error: null, partial: false, done: false, rotation: 0 });
  }

  // What is seen of it is turned clockwise, and read again, out of `picture` if it was not turned by hand before.
  async turnBy(degrees, picture) {
    this.original ??= picture;
    this.turned = (this.turned + this.turn + degrees) % 360;
    this.picture = await turned(this.original, this.turned);
    this.forget();
    this.reviewed = false;
  }

  // The server drew it.
  draw({ width, height, jpeg }) {
    Object.assign(this, { width, height, picture: blobOf(jpeg) });
  }

  // Lines arrive in any order.
  add(place, found) {
    const before = this.lines.findIndex((other) => other.place > place);
    const added = makeLine(found, place);
    this.lines.splice(before < 0 ? this.lines.length : before, 0, added);
    return added;
  }

  // The page as it was finished. Lines that are there are the same ones, and may have been edited since.
  finish(found) {
    const { lines, rotation_degrees: rotation = 0, ...rest } = found;
    const index = this.index;
    Object.assign(this, { error: null, partial: false, embedded: false, blocks: [], tables: [] }, rest, { index, rotation });
    if (lines.length !== this.lines.length) this.lines = lines.map(makeLine);
    lines.forEach((line, place) => {
      const { text, ...facts } = line;
      Object.assign(this.lines[place], facts);
    });
    this.done = true;
  }

  // By how many degrees clockwise it is turned to be seen upright.
  get turn() {
    return (((Math.round(-this.rotation / 90) * 90) % 360) + 360) % 360;
  }

  // Its sides in pixels; as far as its lines reach while they are not known.
  size() {
    if (this.width) return [this.width, this.height];
    const points = this.lines.flatMap((line) => line.polygon);
    return [0, 1].map((side) => Math.max(100, ...points.map((point) => point[side] * 1.05)));
  }

  get isEdited() {
    return this.lines.some((line) => line.text !== line.read);
  }
}

let lastNumber = 0;

export class Reading {
  constructor(file, number = lastNumber + 1) {
    lastNumber = Math.max(lastNumber, number);
    // What turns text around would show another name than the file has.
    const name = file.name.replace(/[\u202a-\u202e\u2066-\u2069]/g, "") || "image";
    Object.assign(this, { number, file, name, password: "", thumbnail: null });
    this.forget();
  }

  forget() {
    Object.assign(this, { state: "waiting", ahead: 0, pages: [], pageCount: 0, problem: null, seconds: 0, wait: 0, pixelsPerInch: 0 });
    this.stopper = new AbortController();
  }

  page(index) {
    let page = this.pages.find((one) => one.index === index);
    if (!page) {
      page = new Page(index);
      this.pages.push(page);
      this.pages.sort((one, other) => one.index - other.index);
    }
    return page;
  }

  get isRunning() {
    return RUNNING.includes(this.state);
  }

  get isLocked() {
    return this.problem?.status === 401;
  }

  get isUnread() {
    return this.state === "failed" || this.state === "stopped";
  }

  get isDrawnHere() {
    return DRAWN_TYPES.test(this.file.type);
  }

  get isReviewed() {
    return this.pages.length > 0 && this.pages.every((page) => page.reviewed);
  }

  // A page's picture as a Blob; without a page, that of a file that is not read yet; null if there is none.
  pictureOf(page) {
    return page?.picture ?? (this.isDrawnHere ? this.file : null);
  }

  // Takes an event of the server's, for `only` where one page is read alone; returns the line that is new, if one is.
  take({ kind, data }, only = null) {
    const pageOf = (index) => only ?? this.page(index);
    if (kind === "queued") {
      Object.assign(this, { state: "queued", ahead: data.ahead });
      return null;
    }
    this.state = "reading";
    if (!only && data.page_count) this.pageCount = data.page_count;
    if (kind === "line") return pageOf(data.page).add(data.index, data.line);
    if (kind === "picture" && !only) this.page(data.page).draw(data);
    else if (kind === "page") pageOf(data.page.index).finish(data.page);
    else if (kind === "done") {
      for (const page of data.pages) pageOf(page.index).finish(page);
      if (!only) this.seconds = data.timings.total_seconds;
      this.state = "done";
    }
    return null;
  }

  get lineCount() {
    return this.pages.reduce((sum, page) => sum + page.lines.length, 0);
  }

  get doubtCount() {
    return this.pages.reduce((sum, page) => sum + page.lines.reduce((some, line) => some + line.doubts.length, 0), 0);
  }

  // What is kept of it, and back.
  record() {
    const { number, file, name, state, pageCount, problem, seconds, pixelsPerInch } = this;
    const pages = this.pages.map(({ thumbnail, shrunk, ...page }) => page);
    return { number, file, name, state, pageCount, problem, seconds, pixelsPerInch, pages };
  }

  static from({ pages, number, file, ...record }) {
    const reading = new Reading(file, number);
    Object.assign(reading, record, { pages: pages.map((page) => Object.assign(new Page(page.index), page)) });
    if (reading.isRunning) reading.state = "stopped";
    return reading;
  }
}
