// What is copied and saved: of this page, this file, or all of them.

import { say } from "../i18n.js";

const FORMATS = { txt: "TXT", md: "Markdown", csv: "CSV", xlsx: "XLSX", json: "JSON", pdf: "PDF" };

const find = (id) => document.getElementById(id);

// These are fetched when there is some text, and not when they are used: the server may be gone by then.
let exports = null;
function fetchExports() {
  exports ??= import("./exports.js");
  import("../text/views.js");
}

const withText = (pages) => pages.filter((page) => page.lines.length);

// { name, pages, reading } of each file.
function partsOf({ readings, shown, page }) {
  switch (find("scope").value) {
    case "page": return page ? [{ name: shown.pages.length > 1 ? `${shown.name.replace(/\.[^.]*$/, "")}-${page.index + 1}` : shown.name, pages: [page], reading: shown }] : [];
    case "file": return shown ? [{ name: shown.name, pages: shown.pages, reading: shown }] : [];
    default: return readings.map((reading) => ({ name: reading.name, pages: reading.pages, reading })).filter((part) => withText(part.pages).length);
  }
}

// Whether the text is in the clipboard now.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS browsers have no clipboard for pages of other machines; the older way asks for a selection.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

// `scope` says what there is, `view` how it is seen.
export function setUpSaving({ announce, scope, view }) {
  for (const [suffix, name] of Object.entries(FORMATS)) find("format").add(new Option(name, suffix));
  const flash = (id, said) => {
    announce(said);
    find(id).classList.add("did");
    setTimeout(() => find(id).classList.remove("did"), 1500);
  };
  find("copy").addEventListener("click", async () => {
    const { COPIED } = await exports;
    const text = partsOf(scope()).flatMap((part) => withText(part.pages).map(COPIED[view()])).join("\n\n");
    const isCopied = await copy(text);
    if (isCopied) flash("copy", say("copied"));
    else announce(say("copyFailed"));
  });
  find("save").addEventListener("click", async () => {
    find("save").disabled = true;
    const isSaved = await exports.then(({ save }) => save(find("format").value, partsOf(scope()))).catch(() => false);
    find("save").disabled = false;
    if (isSaved) flash("save", say("saved"));
    else announce(say("saveFailed"));
    find("not-saved").hidden = isSaved;
  });
  const offerSome = () => {
    const isSome = partsOf(scope()).some((part) => withText(part.pages).length);
    if (isSome) fetchExports();
    find("copy").disabled = find("save").disabled = !isSome;
  };
  find("scope").addEventListener("change", offerSome);
  return {
    // What there is to save now.
    offer(readings, shown, page) {
      const [ofPage, ofFile, ofAll] = find("scope").options;
      ofPage.disabled = !page;
      ofFile.disabled = !shown;
      ofAll.disabled = readings.length < 2;
      ofPage.hidden = (shown?.pageCount ?? 0) < 2;
      if (find("scope").selectedOptions[0].disabled) find("scope").value = "file";
      offerSome();
    },
  };
}
