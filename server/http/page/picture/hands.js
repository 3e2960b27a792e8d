// Moving about in a picture: dragging, wheel, pinching, taps, keys.

const KEYS = { "+": 1, "=": 1, "-": -1, "0": 0 };
const CLOSER = 2.5;

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
