// What went wrong, as a sentence that says what to do, in the language that is spoken.

import { say } from "./i18n.js";

// What the server complains of begins with a field's name, which is part of its contract.
const COMPLAINTS = [
  [/^image: is empty/, "problemEmpty"],
  [/^document\.password/, "problemPassword"],
  [/^(document\.)?pages/, "problemPages"],
  [/^dpi|dots_per_inch/, "problemDpi"],
  [/^timeout/, "problemTimeout"],
  [/has no pages/, "problemNoPages"],
  [/of a kind that is not read/, "problemKind"],
  [/^page: is damaged/, "problemPage"],
  [/damaged|cut off/, "problemDamaged"],
  [/pixels|side|aspect|height|width/, "problemSize"],
];
const STATUSES = [401, 403, 408, 413, 415, 421, 422, 429, 500, 503, 504];

const readable = (name, value) => {
  if (name.endsWith("bytes")) return say("megabytes", (value / 1e6).toFixed(1));
  if (name.endsWith("pixels")) return say("megapixels", (value / 1e6).toFixed(1));
  return String(value);
};

function keyOf({ word, status, detail = "", limit, reason }) {
  if (word) return word;
  if (limit && status !== 429) {
    if (reason === "too_slow" || reason === "beyond_memory") return "problemCostly";
    return limit.name.endsWith("pixels") ? "problemPixels" : "problemLimit";
  }
  const found = status === 400 && COMPLAINTS.find(([pattern]) => pattern.test(detail));
  if (found) return found[1];
  return STATUSES.includes(status) ? `problem${status}` : "problemOther";
}

export function complaint(problem) {
  const key = keyOf(problem), { limit } = problem;
  return limit ? say(key, readable(limit.name, limit.asked), readable(limit.name, limit.value), limit.name) : say(key, problem.status ?? "");
}

// Whether a password may help.
export const wantsPassword = (problem) => ["problem422", "problemPassword"].includes(problem && keyOf(problem));

// What is said in place of a page's text; empty where it has some.
export function noteOn(reading, page) {
  if (page?.error) return say("pageFailed", complaint(page.error));
  if (reading?.state === "failed" && reading.problem) return complaint(reading.problem);
  if (page?.partial) return say("partial");
  if (page?.lines.length) return "";
  return say(reading?.state === "done" || page?.done ? "nothing" : reading?.isRunning ? "soon" : "notRead");
}
