// Files and what was read of them, kept on this device where that is wanted (Indexed Database API 3.0).

import { say } from "../i18n.js";

const NAME = "edgeocr", STORE = "readings", KEY = "edgeocr-keep";
const AFTER_MS = 500;

const settled = (request) => new Promise((resolve, reject) => {
  request.addEventListener("success", () => resolve(request.result));
  request.addEventListener("error", () => reject(request.error));
});

function open() {
  const request = indexedDB.open(NAME, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE, { keyPath: "number" }));
  return settled(request);
}

async function withStore(mode, act) {
  const database = await open();
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

export class Keeping {
  #timers = new Map(); #complain;

  // `complain` is called where something cannot be kept.
  constructor(complain) {
    this.#complain = complain;
  }

  get isOn() {
    return localStorage.getItem(KEY) === "1";
  }

  // Off also forgets what is there.
  async turn(isOn) {
    if (isOn) localStorage.setItem(KEY, "1");
    else {
      localStorage.removeItem(KEY);
      await this.clear();
    }
  }

  // Has a checkbox turn it on and off for readings, whose edits are lost otherwise, of which the browser warns; returns the
  // records of those that are kept from before.
  async begin(checkbox, readings, announce) {
    checkbox.addEventListener("change", async () => {
      await this.turn(checkbox.checked);
      readings.forEach((one) => this.keep(one));
      announce(say(this.isOn ? "kept" : "forgotten"));
    });
    addEventListener("beforeunload", (event) => {
      if (!this.isOn && readings.some((one) => one.pages.some((page) => page.isEdited))) event.preventDefault();
    });
    checkbox.checked = this.isOn;
    return this.all().catch(() => []);
  }

  // Everything that is kept, in its order.
  async all() {
    return this.isOn ? withStore("readonly", (store) => store.getAll()) : [];
  }

  // Soon, so that what is typed is kept once.
  keep(reading) {
    if (!this.isOn) return;
    clearTimeout(this.#timers.get(reading));
    this.#timers.set(reading, setTimeout(() => {
      this.#timers.delete(reading);
      withStore("readwrite", (store) => store.put(reading.record())).catch(() => this.#complain());
    }, AFTER_MS));
  }

  forget(reading) {
    clearTimeout(this.#timers.get(reading));
    this.#timers.delete(reading);
    if (this.isOn) withStore("readwrite", (store) => store.delete(reading.number)).catch(() => this.#complain());
  }

  async clear() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await settled(indexedDB.deleteDatabase(NAME));
  }
}
