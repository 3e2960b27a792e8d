// The token that a server may ask for; it is kept until the tab is closed.

const KEY = "edgeocr-token";

const find = (id) => document.getElementById(id);

export class Token {
  value = sessionStorage.getItem(KEY) ?? "";

  // `onGiven` is called when somebody has typed one.
  constructor(onGiven) {
    find("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.value = find("token").value.trim();
      sessionStorage.setItem(KEY, this.value);
      find("token-form").hidden = true;
      onGiven();
    });
  }

  ask() {
    find("token-form").hidden = false;
  }
}
