// Where a text is among all lines of all files, and the field in which it is sought.

import { count, say } from "../i18n.js";

const find = (id) => document.getElementById(id);

// Places are { reading, page, line, start, end }, in the order in which they are read.
function matches(readings, wanted) {
  const sought = wanted.toLocaleLowerCase();
  if (!sought) return [];
  return readings.flatMap((reading) => reading.pages.flatMap((page) => page.lines.flatMap((line) => {
    const start = line.text.toLocaleLowerCase().indexOf(sought);
    return start < 0 ? [] : [{ reading, page, line, start, end: start + wanted.length }];
  })));
}

// `goTo` shows a place.
export function setUpSearch(readings, goTo) {
  let last = -1;
  find("search").addEventListener("input", () => { last = -1; });
  find("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = find("search").value.trim(), found = matches(readings, wanted);
    find("found").textContent = wanted ? count("matches", found.length) : "";
    if (!found.length) return;
    last = (last + 1) % found.length;
    goTo(found[last]);
    find("found").textContent = say("match", last + 1, found.length);
  });
}
