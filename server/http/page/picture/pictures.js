// The addresses of pictures, large and small, for as long as they are needed.

import { thumbnail } from "./turning.js";

export class Pictures {
  #urls = new Map(); #last = Promise.resolve(); #changed;

  // `changed` takes a reading that has another small picture.
  constructor(changed) {
    this.#changed = changed;
  }

  urlOf(blob) {
    if (!blob) return null;
    if (!this.#urls.has(blob)) this.#urls.set(blob, URL.createObjectURL(blob));
    return this.#urls.get(blob);
  }

  // Makes a file's small picture, or a page's; one at a time, since large ones take much memory.
  shrink(reading, page = null) {
    const picture = reading.pictureOf(page), turn = page?.turn ?? 0;
    if (!picture || (page && page.shrunk === `${picture.size} ${turn}`)) return;
    if (page) page.shrunk = `${picture.size} ${turn}`;
    this.#last = this.#last.then(async () => {
      const made = await thumbnail(picture, turn);
      const isFirst = !page || page === reading.pages[0];
      for (const one of [...(page ? [page] : []), ...(isFirst ? [reading] : [])]) one.thumbnail = made;
      this.#changed(reading);
    });
  }

  forget(reading) {
    const blobs = [reading.file, ...reading.pages.flatMap((page) => [page.picture, page.original])];
    for (const blob of blobs) {
      if (this.#urls.has(blob)) URL.revokeObjectURL(this.#urls.get(blob));
      this.#urls.delete(blob);
    }
    for (const page of reading.pages) if (page.thumbnail && page.thumbnail !== reading.thumbnail) URL.revokeObjectURL(page.thumbnail);
  }
}
