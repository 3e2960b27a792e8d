// What lies over a page's picture, in its pixels: its text to be selected, boxes around lines, marks under doubts.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 0.22, FONT = 0.8;
const measuring = new OffscreenCanvas(1, 1).getContext("2d");

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const points = (corners) => corners.map((corner) => corner.map((side) => side.toFixed(1)).join(",")).join(" ");

const between = ([x, y], [otherX, otherY], share) => [x + (otherX - x) * share, y + (otherY - y) * share];

// Further out on all sides, so that no glyph is cut.
function widened(polygon) {
  const [topLeft, topRight, , bottomLeft] = polygon;
  const along = Math.hypot(topRight[0] - topLeft[0], topRight[1] - topLeft[1]) || 1;
  const across = Math.hypot(bottomLeft[0] - topLeft[0], bottomLeft[1] - topLeft[1]) || 1;
  const by = MARGIN * Math.min(along, across);
  const right = [0, 1].map((side) => ((topRight[side] - topLeft[side]) / along) * by);
  const down = [0, 1].map((side) => ((bottomLeft[side] - topLeft[side]) / across) * by);
  const signs = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  return polygon.map((corner, place) => corner.map((value, side) => value + signs[place][0] * right[side] + signs[place][1] * down[side]));
}

// A doubt's part of the line's lower edge; text that runs downwards has it on its left.
function underline({ polygon, direction }, [start, end]) {
  const [topLeft, , bottomRight, bottomLeft] = polygon;
  const ends = direction === "vertical" ? [topLeft, bottomLeft] : [bottomLeft, bottomRight];
  const [[x1, y1], [x2, y2]] = [start, end].map((share) => between(...ends, share));
  return make("line", { x1, y1, x2, y2, class: "doubt" });
}

function glyphs(line) {
  const element = document.createElement("div");
  element.className = "glyphs";
  element.lang = "";
  setGlyphs(element, line);
  return element;
}

// As large as its line is, however the browser's font runs.
function setGlyphs(element, { text, polygon: [[x, y], [right, rightY], , [left, bottom]], direction }) {
  const isVertical = direction === "vertical";
  const sides = [Math.hypot(right - x, rightY - y), Math.hypot(left - x, bottom - y)];
  const [length, height] = isVertical ? sides.toReversed() : sides;
  const size = Math.max(1, height * FONT);
  measuring.font = `${size}px sans-serif`;
  const stretch = length / (measuring.measureText(text).width || 1);
  element.textContent = text;
  element.classList.toggle("downwards", isVertical);
  element.style.fontSize = `${size}px`;
  element.style.lineHeight = `${height}px`;
  const angle = Math.atan2(rightY - y, right - x);
  element.style.transform = `translate(${x}px, ${y}px) rotate(${angle}rad) ${isVertical ? `scaleY(${stretch})` : `scaleX(${stretch})`}`;
}

export class Overlay {
  #layer = make("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  #texts = document.createElement("div");
  #parts = new Map(); #handlers;

  // `handlers`: `point` takes the line that is pointed at, or null; `choose` one that was clicked, `edit` one that was
  // clicked twice.
  constructor(handlers) {
    this.#handlers = handlers;
    this.#texts.className = "texts";
  }

  get elements() {
    return [this.#layer, this.#texts];
  }

  // `lines` in their order, over a page of these sides.
  show(lines, [width, height]) {
    this.#parts.clear();
    this.#layer.replaceChildren();
    this.#texts.replaceChildren();
    this.resize([width, height]);
    for (const line of lines) this.add(line, null);
  }

  resize([width, height]) {
    this.#layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  // `next` is the line that it stands before.
  add(line, next) {
    const box = make("polygon", { points: points(widened(line.polygon)), class: "box" }), marks = make("g", {}), text = glyphs(line);
    text.addEventListener("pointerenter", () => this.#handlers.point(line));
    text.addEventListener("pointerleave", () => this.#handlers.point(null));
    text.addEventListener("click", () => getSelection().isCollapsed && this.#handlers.choose(line));
    text.addEventListener("dblclick", (event) => {
      event.preventDefault();
      this.#handlers.edit(line);
    });
    this.#parts.set(line, { box, marks, text });
    this.#layer.append(box, marks);
    this.#texts.insertBefore(text, this.#parts.get(next)?.text ?? null);
    // Lines that are selected together are copied as lines.
    text.after(document.createElement("br"));
    this.#mark(line);
  }

  // A line has another text, or doubts about it are settled.
  update(line) {
    if (!this.#parts.has(line)) return;
    setGlyphs(this.#parts.get(line).text, line);
    this.#mark(line);
  }

  light(line) {
    for (const [one, { box }] of this.#parts) box.classList.toggle("lit", one === line);
  }

  textOf(line) {
    return this.#parts.get(line)?.text ?? null;
  }

  #mark(line) {
    this.#parts.get(line).marks.replaceChildren(...line.doubts.map((doubt) => underline(line, doubt.along)));
  }
}
