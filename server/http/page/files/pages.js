// The pages of the file that is shown: which one it is, out of how many, and a small picture of each.

import { say } from "../i18n.js";

const find = (id) => document.getElementById(id);

export class Pages {
  #choose; #buttons = new Map(); #reading = null;

  // `choose` takes the page that is to be shown.
  constructor(choose) {
    this.#choose = choose;
    find("previous").addEventListener("click", () => this.go(-1));
    find("next").addEventListener("click", () => this.go(1));
    find("number").addEventListener("change", () => {
      const pages = this.#reading?.pages ?? [];
      const page = pages[Math.min(pages.length, Math.max(1, Number(find("number").value) || 1)) - 1];
      if (page) this.#choose(page);
    });
  }

  // To the page before (-1) or after (1) the one that is shown.
  go(way) {
    const pages = this.#reading?.pages ?? [];
    const page = pages[pages.indexOf(this.shown) + way];
    if (page) this.#choose(page);
  }

  show(reading, shown) {
    if (reading !== this.#reading) {
      this.#buttons = new Map();
      find("strip").replaceChildren();
    }
    this.#reading = reading;
    this.shown = shown;
    const pages = reading?.pages ?? [], most = Math.max(pages.length, reading?.pageCount ?? 0);
    const place = pages.indexOf(shown);
    find("turn").hidden = find("strip").hidden = most < 2;
    if (most < 2) return;
    find("number").value = Math.max(0, place) + 1;
    find("number").max = pages.length;
    find("place").textContent = say("ofPages", most);
    find("previous").disabled = place <= 0;
    find("next").disabled = place < 0 || place >= pages.length - 1;
    pages.forEach((page, at) => this.#update(page, at));
  }

  // A page of the reading that is shown has another small picture.
  #update(page, at) {
    let button = this.#buttons.get(page);
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.append(Object.assign(document.createElement("img"), { alt: "", loading: "lazy" }), document.createElement("span"));
      button.addEventListener("click", () => this.#choose(page));
      this.#buttons.set(page, button);
      find("strip").insertBefore(button, find("strip").children[at] ?? null);
    }
    const [image, number] = button.children;
    if (page.thumbnail && image.src !== page.thumbnail) image.src = page.thumbnail;
    image.hidden = !page.thumbnail;
    number.textContent = String(page.index + 1);
    button.setAttribute("aria-label", say("page", page.index + 1));
    button.classList.toggle("reviewed", page.reviewed);
    button.classList.toggle("failed", Boolean(page.error));
    if (page !== this.shown) return button.removeAttribute("aria-current");
    if (button.getAttribute("aria-current")) return undefined;
    button.setAttribute("aria-current", "page");
    return find("strip").scrollTo({ left: button.offsetLeft - find("strip").clientWidth / 2 });
  }
}
