// Has files read, a few at once, and asks a busy server again.

import { Refusal, readFile } from "./api.js";
import { blobOf } from "./store.js";

const AT_ONCE = 2, MOST_TRIES = 6, MOST_SIDE = 8192;

export class Queue {
  #jobs = []; #running = 0; #handlers;

  // `handlers`: `options` and `token` say how a reading is sent; `onEvent`, `onChange`, `onEnd` hear what becomes of it.
  constructor(handlers) {
    this.#handlers = handlers;
  }

  // A whole file; or one page of it alone, out of `picture`, with the options that `more` makes of the usual ones.
  add(reading, page = null, picture = null, more = (options) => options) {
    reading.state = "waiting";
    this.#jobs.push({ reading, page, picture, more });
    this.#next();
  }

  // A page's picture as large as it is read, for what is done with it here; what there is where the server has no room.
  async wholePicture(reading, page) {
    const small = reading.pictureOf(page);
    if (reading.isDrawnHere || page.original) return small;
    const options = { ...this.#handlers.options(reading), pages: page.index + 1, pictures: "1", picture_side: MOST_SIDE };
    const stopper = new AbortController();
    let found = small;
    const onEvent = ({ kind, data }) => {
      if (kind === "picture") found = blobOf(data.jpeg);
      if (kind !== "queued") stopper.abort();
    };
    await readFile(reading.file, { options, token: this.#handlers.token(), signal: stopper.signal, onEvent }).catch(() => {});
    return found;
  }

  // How many are read before it; -1 if it does not wait here.
  placeOf(reading) {
    return this.#jobs.findIndex((job) => job.reading === reading);
  }

  stop(reading) {
    const place = this.placeOf(reading);
    reading.stopper.abort();
    if (place < 0) return;
    this.#jobs.splice(place, 1);
    this.#fail(reading, { word: "stopped" });
  }

  #next() {
    while (this.#running < AT_ONCE && this.#jobs.length) {
      this.#running += 1;
      this.#read(this.#jobs.shift()).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
    for (const { reading } of this.#jobs) this.#handlers.onChange(reading);
  }

  async #read({ reading, page, picture, more }) {
    if (reading.stopper.signal.aborted) reading.stopper = new AbortController();
    const { signal } = reading.stopper;
    const options = more(this.#handlers.options(reading));
    if (page) for (const name of ["pages", "pictures", "password"]) delete options[name];
    else reading.pixelsPerInch = Number(options.dpi ?? 0);
    const onEvent = (event) => this.#handlers.onEvent(reading, page, event);
    for (let tries = 1; ; tries += 1) {
      reading.state = "sending";
      this.#handlers.onChange(reading);
      try {
        await readFile(picture ?? reading.file, { options, token: this.#handlers.token(), signal, onEvent });
        this.#handlers.onEnd(reading);
        return;
      } catch (error) {
        const problem = error instanceof Refusal ? error.problem : { word: error.message };
        const isAgain = problem.status === 429 && tries < MOST_TRIES && !reading.lineCount;
        if (isAgain && (await this.#wait(reading, signal, problem.retry_seconds ?? 1))) continue;
        this.#fail(reading, signal.aborted ? { word: "stopped" } : problem);
        return;
      }
    }
  }

  // Whether it is to be tried again, once it is time.
  async #wait(reading, signal, seconds) {
    for (reading.wait = Math.max(1, seconds); reading.wait > 0; reading.wait -= 1) {
      reading.state = "busy";
      this.#handlers.onChange(reading);
      await new Promise((wake) => setTimeout(wake, Math.min(1, reading.wait) * 1000));
      if (signal.aborted) return false;
    }
    return true;
  }

  #fail(reading, problem) {
    if (problem.word === "stopped") reading.state = "stopped";
    else Object.assign(reading, { state: "failed", problem });
    this.#handlers.onEnd(reading);
  }
}
