// A page's picture, with a box around every line; where there is no picture, the lines' text in its place.

const SVG = "http://www.w3.org/2000/svg";
const STEP = 1.25, LEAST = 0.1, MOST = 8;

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export class Picture {
  #frame; #sheet; #zoom = null; #image = null; #layer = null; #boxes = new Map(); #page = null; #handlers;

  // `handlers.point` takes the line that is pointed at, or null; `handlers.choose` one that was clicked.
  constructor(frame, sheet, handlers) {
    this.#frame = frame;
    this.#sheet = sheet;
    this.#handlers = handlers;
    new ResizeObserver(() => this.#resize()).observe(frame);
    frame.addEventListener("keydown", (event) => {
      const way = { "+": 1, "=": 1, "-": -1, "0": 0 }[event.key];
      if (way === undefined || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.zoom(way);
    });
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1 : -1);
    }, { passive: false });
  }

  // `url` is that of a picture; null shows the text.
  show(page, url) {
    this.#page = page;
    this.#boxes = new Map();
    this.#layer = make("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.#sheet.replaceChildren();
    this.#sheet.hidden = !page;
    this.#image = null;
    if (!page) return;
    if (url) {
      this.#image = document.createElement("img");
      this.#image.alt = "";
      this.#image.addEventListener("load", () => this.#resize());
      this.#image.src = url;
      this.#sheet.append(this.#image);
    }
    this.#sheet.classList.toggle("blank", !url);
    this.#sheet.append(this.#layer);
    for (const line of page.lines) this.add(line);
    this.#resize();
  }

  add(line) {
    const box = make("polygon", { points: line.polygon.map((point) => point.join(",")).join(" "), class: "box" });
    box.addEventListener("pointerenter", () => this.#handlers.point(line));
    box.addEventListener("pointerleave", () => this.#handlers.point(null));
    box.addEventListener("click", () => this.#handlers.choose(line));
    this.#boxes.set(line, box);
    this.#layer.append(box);
    if (!this.#image) this.#layer.append(standIn(line));
    this.#resize();
  }

  light(line, { scroll = false } = {}) {
    for (const [one, box] of this.#boxes) box.classList.toggle("lit", one === line);
    if (scroll && line) this.#boxes.get(line)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // 1 is larger, -1 smaller, 0 as it fits.
  zoom(way) {
    this.#zoom = way === 0 ? null : Math.min(MOST, Math.max(LEAST, this.#scale() * STEP ** way));
    this.#resize();
  }

  #size() {
    if (this.#image?.naturalWidth && !this.#page.width) return [this.#image.naturalWidth, this.#image.naturalHeight];
    return this.#page.size();
  }

  #scale() {
    const [width, height] = this.#size();
    const most = parseFloat(getComputedStyle(this.#frame).maxHeight) || this.#frame.clientHeight;
    const fitting = Math.min(1, this.#frame.clientWidth / width, most / height);
    return this.#zoom ?? fitting;
  }

  #resize() {
    if (!this.#page) return;
    const [width, height] = this.#size();
    const scale = this.#scale();
    this.#layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#sheet.style.width = `${width * scale}px`;
    this.#sheet.style.height = `${height * scale}px`;
  }
}

function standIn(line) {
  const [[x, y], [right, rightY], , [left, bottom]] = line.polygon;
  const height = Math.hypot(left - x, bottom - y), width = Math.hypot(right - x, rightY - y);
  const turned = (Math.atan2(rightY - y, right - x) * 180) / Math.PI;
  const text = make("text", {
    transform: `translate(${left} ${bottom}) rotate(${turned}) translate(0 ${-height * 0.22})`,
    "font-size": height * 0.8, textLength: width, lengthAdjust: "spacingAndGlyphs",
  });
  text.textContent = line.text;
  return text;
}
