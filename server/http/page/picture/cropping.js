// Drawing a frame around a part of a picture.

const STEP = 24, LEAST_SIDE = 8;

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
