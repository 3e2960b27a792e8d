// What there is: files, their pages, and the lines of these. Knows nothing of how it is shown.

// What browsers draw by themselves; the server draws the pages of all else.
const DRAWN_TYPES = /^image\/(jpeg|png|webp|gif|bmp|avif)$/;

export class Page {
  constructor(index) {
    Object.assign(this, { index, width: 0, height: 0, lines: [], error: null, partial: false, done: false, picture: null });
  }

  // The server drew it.
  draw({ width, height, jpeg }) {
    const bytes = Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0));
    Object.assign(this, { width, height, picture: new Blob([bytes], { type: "image/jpeg" }) });
  }

  // Lines arrive in any order; `place` is where each belongs.
  add(place, line) {
    const before = this.lines.findIndex((other) => other.place > place);
    const added = { ...line, place, read: line.text };
    this.lines.splice(before < 0 ? this.lines.length : before, 0, added);
    return added;
  }

  // The page as it was finished. Lines that are there are the same ones, and may have been edited since.
  finish(found) {
    this.width = found.width;
    this.height = found.height;
    this.error = found.error ?? null;
    this.partial = found.partial ?? false;
    this.embedded = found.embedded ?? false;
    if (found.lines.length !== this.lines.length) {
      this.lines = found.lines.map((line, place) => ({ ...line, place, read: line.text }));
    }
    this.done = true;
  }

  // Its sides in pixels; as far as its lines reach while they are not known.
  size() {
    if (this.width) return [this.width, this.height];
    const points = this.lines.flatMap((line) => line.polygon);
    return [0, 1].map((side) => Math.max(100, ...points.map((point) => point[side] * 1.05)));
  }

  get text() {
    return this.lines.map((line) => line.text).join("\n");
  }
}

let lastNumber = 0;

export class Reading {
  constructor(file) {
    this.number = ++lastNumber;
    this.file = file;
    this.name = file.name || "image";
    this.forget();
  }

  forget() {
    Object.assign(this, { state: "waiting", sent: 0, pages: [], pageCount: 1, problem: null, seconds: 0, wait: 0, pixelsPerInch: 0 });
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

  get isDrawnHere() {
    return DRAWN_TYPES.test(this.file.type);
  }

  // A page's picture as a Blob; without a page, that of a file that is not read yet; null if there is none.
  pictureOf(page) {
    return page?.picture ?? (this.isDrawnHere ? this.file : null);
  }

  // Takes an event of the server's; returns the line that is new, if one is.
  take({ kind, data }) {
    this.state = "reading";
    if (kind === "line") return this.page(data.page).add(data.index, data.line);
    if (kind === "picture") this.page(data.page).draw(data);
    else if (kind === "page") {
      this.pageCount = data.page_count;
      this.page(data.page.index).finish(data.page);
    } else if (kind === "done") {
      for (const page of data.pages) this.page(page.index).finish(page);
      this.seconds = data.timings.total_seconds;
      this.state = "done";
    }
    return null;
  }

  get lineCount() {
    return this.pages.reduce((sum, page) => sum + page.lines.length, 0);
  }

  get text() {
    return this.pages.map((page) => page.text).filter((text) => text).join("\n\n");
  }
}
