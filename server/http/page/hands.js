// Moving about in a picture: dragging, wheel, pinching, keys; and drawing a frame around a part of it.

const KEYS = { "+": 1, "=": 1, "-": -1, "0": 0 };
const STEP = 24, LEAST_SIDE = 8, CLOSER = 2.5;

const mouse = matchMedia("(min-width: 1101px)");

export function moveAbout(frame, picture) {
  frame.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (way === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    picture.zoom(way);
  });
  // Where the picture is part of a page that scrolls, a wheel without Ctrl scrolls that.
  frame.addEventListener("wheel", (event) => {
    if (!(event.ctrlKey || mouse.matches) || event.shiftKey) return;
    event.preventDefault();
    picture.zoomTo(picture.scale * 2 ** (-event.deltaY / (event.ctrlKey ? 100 : 400)), event.clientX, event.clientY);
  }, { passive: false });
  // For those who have one hand alone: a second tap beside the text.
  frame.addEventListener("dblclick", (event) => {
    if (event.target.closest(".glyphs, .area, input")) return;
    if (picture.isFitted) picture.zoomTo(picture.scale * CLOSER, event.clientX, event.clientY);
    else picture.zoom(0);
  });
  drag(frame);
  pinch(frame, picture);
}

// Beside the text, which is selected by dragging.
function drag(frame) {
  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button > 1 || event.target.closest("input, .area")) return;
    if (event.button === 0 && event.target.closest(".glyphs")) return;
    event.preventDefault();
    getSelection().removeAllRanges();
    frame.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    frame.classList.add("dragged");
  });
  frame.addEventListener("pointermove", (event) => {
    if (frame.classList.contains("dragged")) frame.scrollBy(-event.movementX, -event.movementY);
  });
  for (const kind of ["pointerup", "pointercancel"]) frame.addEventListener(kind, () => frame.classList.remove("dragged"));
}

// Two fingers zoom by how far they are apart, and drag by where they are.
function pinch(frame, picture) {
  let began = null;
  const held = ([one, other]) => ({
    apart: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)),
    x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2,
  });
  frame.addEventListener("touchstart", (event) => {
    began = null;
    if (event.touches.length !== 2 || event.target.closest(".area")) return;
    event.preventDefault();
    began = { ...held(event.touches), scale: picture.scale };
  }, { passive: false });
  frame.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2 || !began) return;
    event.preventDefault();
    const { apart, x, y } = held(event.touches);
    frame.scrollBy(began.x - x, began.y - y);
    Object.assign(began, { x, y });
    picture.zoomTo((began.scale * apart) / began.apart, x, y);
  }, { passive: false });
  for (const kind of ["touchend", "touchcancel"]) frame.addEventListener(kind, () => { began = null; });
}

// Lets a part of the picture be chosen: dragged, or moved by arrow keys (with Shift its corner) and taken by Enter.
// Resolves to its rectangle on the screen, or null.
export function choosePart(frame, sheet, label) {
  const area = document.createElement("div"), part = document.createElement("div");
  area.className = "area";
  part.className = "part";
  area.tabIndex = 0;
  area.setAttribute("role", "application");
  area.setAttribute("aria-label", label);
  area.append(part);
  sheet.append(area);
  const box = area.getBoundingClientRect(), visible = frame.getBoundingClientRect();
  const inside = [Math.max(0, visible.x - box.x), Math.max(0, visible.y - box.y)];
  const sides = [Math.min(box.width, visible.width), Math.min(box.height, visible.height)];
  let [left, top, right, bottom] = [inside[0] + sides[0] / 4, inside[1] + sides[1] / 4, inside[0] + (sides[0] * 3) / 4, inside[1] + (sides[1] * 3) / 4];
  const draw = () => {
    part.style.left = `${Math.min(left, right)}px`;
    part.style.top = `${Math.min(top, bottom)}px`;
    part.style.width = `${Math.abs(right - left)}px`;
    part.style.height = `${Math.abs(bottom - top)}px`;
  };
  draw();
  area.focus({ preventScroll: true });
  return new Promise((resolve) => {
    let isOver = false;
    const end = (isTaken) => {
      if (isOver) return;
      isOver = true;
      const found = part.getBoundingClientRect();
      area.remove();
      resolve(isTaken && found.width >= LEAST_SIDE && found.height >= LEAST_SIDE ? found : null);
    };
    const placeOf = (event) => {
      const { x, y } = area.getBoundingClientRect();
      return [event.clientX - x, event.clientY - y];
    };
    area.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      area.setPointerCapture(event.pointerId);
      [left, top] = [right, bottom] = placeOf(event);
      draw();
    });
    area.addEventListener("pointermove", (event) => {
      if (!area.hasPointerCapture(event.pointerId)) return;
      [right, bottom] = placeOf(event);
      draw();
    });
    area.addEventListener("pointerup", () => end(true));
    area.addEventListener("pointercancel", () => end(false));
    area.addEventListener("blur", () => end(false));
    area.addEventListener("keydown", (event) => {
      const [across, down] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key] ?? [0, 0];
      if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter");
      else if (!across && !down) return;
      event.preventDefault();
      event.stopPropagation();
      [right, bottom] = [right + across, bottom + down];
      if (!event.shiftKey) [left, top] = [left + across, top + down];
      draw();
    });
  });
}
