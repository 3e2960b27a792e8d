// A page's picture, upright, as large as is wanted, with what lies over it; where there is no picture, its text in its place.

import { Overlay } from "./overlay.js";

const STEP = 1.25, LEAST = 0.05, MOST = 8, FIELD_HEIGHT = 46;

// How the page's pixels lie in the sheet, by how it is turned.
const MATRICES = {
  0: (s) => [s, 0, 0, s, 0, 0],
  90: (s, w, h) => [0, s, -s, 0, h * s, 0],
  180: (s, w, h) => [-s, 0, 0, -s, w * s, h * s],
  270: (s, w) => [0, -s, s, 0, 0, w * s],
};

export class Picture {
  #frame; #sheet; #stage = document.createElement("div"); #overlay; #zoom = null; #image = null; #page = null; #edited;

  // `handlers` as those of Overlay, and `edited`, which takes a line and its new text.
  constructor(frame, sheet, handlers) {
    this.#frame = frame;
    this.#sheet = sheet;
    this.#edited = handlers.edited;
    this.#overlay = new Overlay({ ...handlers, edit: (line) => this.edit(line) });
    this.#stage.className = "stage";
    sheet.append(this.#stage);
    const observer = new ResizeObserver(() => {
      // By how much it may be scrolled up where it is to stay in view.
      const section = frame.parentElement, above = frame.getBoundingClientRect().y - section.getBoundingClientRect().y;
      section.style.setProperty("--above", above - 8);
      this.#resize();
    });
    for (const one of [frame, frame.parentElement]) observer.observe(one);
  }

  // `url` is that of a picture; null shows the text.
  show(page, url) {
    if (page !== this.#page) this.#zoom = null;
    this.#page = page;
    this.#image = null;
    this.#sheet.hidden = !page;
    this.#stage.replaceChildren();
    if (!page) return;
    if (url) {
      this.#image = document.createElement("img");
      this.#image.alt = "";
      this.#image.draggable = false;
      this.#image.addEventListener("load", () => this.#resize());
      this.#image.src = url;
      this.#stage.append(this.#image);
    }
    this.#sheet.classList.toggle("blank", !url);
    this.#stage.append(...this.#overlay.elements);
    this.#overlay.show(page.lines, this.#size());
    this.#resize();
  }

  add(line) {
    this.#overlay.add(line, this.#page.lines[this.#page.lines.indexOf(line) + 1] ?? null);
    this.#overlay.resize(this.#size());
    this.#resize();
  }

  update(line) {
    this.#overlay.update(line);
  }

  light(line, { scroll = false } = {}) {
    this.#overlay.light(line);
    if (scroll && line) this.#overlay.textOf(line)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // 1 is larger, -1 smaller, 0 as it fits; the point of the screen at `x`, `y` stays where it is.
  zoom(way, x, y) {
    if (way === 0) {
      this.#zoom = null;
      this.#resize();
    } else {
      this.zoomTo(this.scale * STEP ** way, x, y);
    }
  }

  zoomTo(scale, x = this.#middle[0], y = this.#middle[1]) {
    const before = this.#sheet.getBoundingClientRect();
    const [across, down] = [(x - before.x) / before.width, (y - before.y) / before.height];
    this.#zoom = Math.min(MOST, Math.max(LEAST, scale));
    this.#resize();
    const after = this.#sheet.getBoundingClientRect();
    this.#frame.scrollBy(after.x + across * after.width - x, after.y + down * after.height - y);
  }

  get isFitted() {
    return this.#zoom === null;
  }

  get scale() {
    const [width, height] = this.#turned(this.#size());
    return this.#zoom ?? Math.min(1, this.#frame.clientWidth / width, this.#mostHeight / height);
  }

  // A part of the screen, in the shares of the upright picture that it takes: left, top, right, bottom.
  sharesOf({ left, top, right, bottom }) {
    const { x, y, width, height } = this.#sheet.getBoundingClientRect();
    return [(left - x) / width, (top - y) / height, (right - x) / width, (bottom - y) / height].map((share) => Math.min(1, Math.max(0, share)));
  }

  // A field over a line, which is edited there.
  edit(line) {
    const text = this.#overlay.textOf(line);
    if (!text) return;
    const place = text.getBoundingClientRect(), sheet = this.#sheet.getBoundingClientRect();
    const field = document.createElement("input");
    field.className = "here";
    field.value = line.text;
    field.style.left = `${Math.max(0, place.x - sheet.x)}px`;
    // Below the line, which is seen while one types, or above the last one.
    const below = place.bottom - sheet.y + 4, room = sheet.height - below;
    field.style.top = `${room > FIELD_HEIGHT ? below : place.y - sheet.y - FIELD_HEIGHT}px`;
    field.style.width = `${Math.max(place.width + 24, 200)}px`;
    let isOver = false;
    const end = (isKept) => {
      // Its removal takes the focus away from it, which is an end too.
      if (isOver) return;
      isOver = true;
      field.remove();
      if (isKept && field.value !== line.text) this.#edited(line, field.value);
    };
    field.addEventListener("blur", () => end(true));
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape" || (event.key === "Enter" && !event.isComposing)) {
        end(event.key === "Enter");
        this.#frame.focus();
      }
    });
    this.#sheet.append(field);
    getSelection().removeAllRanges();
    field.setAttribute("aria-label", line.read);
    field.focus();
  }

  #size() {
    if (this.#image?.naturalWidth && !this.#page.width) return [this.#image.naturalWidth, this.#image.naturalHeight];
    return this.#page.size();
  }

  #turned(sides) {
    return this.#page.turn % 180 ? sides.toReversed() : sides;
  }

  get #mostHeight() {
    return parseFloat(getComputedStyle(this.#frame).maxHeight) || this.#frame.clientHeight;
  }

  get #middle() {
    const { x, y, width, height } = this.#frame.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  }

  #resize() {
    if (!this.#page) return;
    const [width, height] = this.#size(), { scale } = this;
    const [across, down] = this.#turned([width, height]);
    this.#sheet.style.width = `${across * scale}px`;
    this.#sheet.style.height = `${down * scale}px`;
    this.#stage.style.width = `${width}px`;
    this.#stage.style.height = `${height}px`;
    this.#stage.style.transform = `matrix(${MATRICES[this.#page.turn](scale, width, height).join()})`;
    this.#stage.style.setProperty("--one", `${1 / scale}px`);
  }
}
