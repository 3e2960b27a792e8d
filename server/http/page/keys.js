// Keys that work wherever one is on the page.

export function listenToKeys({ goToDoubt, goToFile, goToPage, findField }) {
  const acts = {
    "F8": () => goToDoubt(1),
    "Shift+F8": () => goToDoubt(-1),
    "Alt+ArrowDown": () => goToFile(1),
    "Alt+ArrowUp": () => goToFile(-1),
    "Alt+PageDown": () => goToPage(1),
    "Alt+PageUp": () => goToPage(-1),
    "Ctrl+Shift+F": () => findField.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const held = [["ctrlKey", "Ctrl+"], ["metaKey", "Ctrl+"], ["altKey", "Alt+"], ["shiftKey", "Shift+"]];
    const name = held.filter(([key]) => event[key]).map(([, word]) => word).join("") + (event.key.length === 1 ? event.key.toUpperCase() : event.key);
    if (!acts[name] || event.isComposing) return;
    event.preventDefault();
    acts[name]();
  });
}
