// Characters of which the server is not sure: where they are in a line's text, and how they are settled.

const DOUBTFUL = 0.8;

// Places in the text, in its units, with what else may stand there; `along` is where that is along the line, 0 to 1.
export function doubtsOf({ text, characters = [] }) {
  const found = [];
  let at = 0;
  for (const one of characters) {
    const start = text.indexOf(one.text, at);
    if (start < 0) continue;
    at = start + one.text.length;
    if (one.confidence >= DOUBTFUL || !one.text.trim()) continue;
    const others = (one.alternatives ?? []).map((other) => other.text);
    found.push({ start, end: at, others, along: [one.start, one.end] });
  }
  return found;
}

// Gives a line a text. Doubts about what is left of the old one stay, and those about what was changed are settled.
export function edit(line, text) {
  const old = line.text, most = Math.min(old.length, text.length);
  let before = 0, after = 0;
  while (before < most && old[before] === text[before]) before += 1;
  while (after < most - before && old[old.length - 1 - after] === text[text.length - 1 - after]) after += 1;
  const shift = text.length - old.length, end = old.length - after;
  line.doubts = line.doubts
    .filter((doubt) => doubt.end <= before || doubt.start >= end)
    .map((doubt) => (doubt.start >= end ? { ...doubt, start: doubt.start + shift, end: doubt.end + shift } : doubt));
  line.text = text;
}

// Has a line say again what was read.
export function restore(line) {
  line.text = line.read;
  line.doubts = doubtsOf(line);
}

export const settle = (line, doubt) => {
  line.doubts = line.doubts.filter((one) => one !== doubt);
};

export const doubtAt = (line, place) => line.doubts.find((one) => one.start <= place && place <= one.end) ?? null;

// The doubt after (`way` 1) or before (-1) a place, over all files and around their end; null if there is none.
// Places and doubts are { reading, page, line, doubt }.
export function nextDoubt(readings, from, way) {
  const all = readings.flatMap((reading) => reading.pages.flatMap((page) =>
    page.lines.flatMap((line) => line.doubts.map((doubt) => ({ reading, page, line, doubt })))));
  if (!all.length) return null;
  const rank = ({ reading, page, line, start }) => [readings.indexOf(reading), page?.index ?? -1, line?.place ?? -1, start];
  const here = rank(from);
  const compare = (one) => {
    const other = rank({ ...one, start: one.doubt.start });
    const differing = here.findIndex((value, at) => value !== other[at]);
    return differing < 0 ? 0 : other[differing] - here[differing];
  };
  if (way > 0) return all.find((one) => compare(one) > 0) ?? all[0];
  return all.findLast((one) => compare(one) < 0) ?? all.at(-1);
}
