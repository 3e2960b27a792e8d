// Which language is spoken, and its words. A language is one file in the folder languages.

const KEY = "edgeocr-language", FALLBACK = "en";
const listeners = [];
let words = {}, language = FALLBACK;

export const say = (key, ...values) => (words[key] ?? key).replace(/\{(\d)\}/g, (_, place) => String(values[place]));

// As `say`, of several or of one: languages that tell them apart have a word with "One" at its end.
export const count = (key, number, ...values) => say(number === 1 && words[`${key}One`] ? `${key}One` : key, number, ...values);

export const spoken = () => language;

export const whenLanguageChanges = (listener) => listeners.push(listener);

async function speak(code) {
  language = code;
  ({ default: words } = await import(`./languages/${code}.js`));
  document.documentElement.lang = words.code ?? code;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    element.title = say(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
  for (const listener of listeners) listener();
}

export async function setUpLanguage(select) {
  const codes = await (await fetch("/page/languages")).json();
  for (const code of codes) select.add(new Option(new Intl.DisplayNames([code], { type: "language" }).of(code), code));
  const wanted = [localStorage.getItem(KEY) ?? "", ...navigator.languages].map((tag) => tag.split("-")[0]);
  select.value = wanted.find((code) => codes.includes(code)) ?? FALLBACK;
  select.addEventListener("change", () => {
    localStorage.setItem(KEY, select.value);
    speak(select.value);
  });
  await speak(select.value);
}
