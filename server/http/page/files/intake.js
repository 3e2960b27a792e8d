// Adding files to the page: picked, photographed, dropped, pasted, or as samples.

const find = (id) => document.getElementById(id);

// `add` takes files, or none where something else was dropped.
export function takeFiles(add) {
  find("photograph").hidden = navigator.maxTouchPoints === 0;
  for (const id of ["files", "camera"]) {
    find(id).addEventListener("change", () => {
      add(find(id).files);
      find(id).value = "";
    });
  }
  for (const button of find("samples").querySelectorAll("button")) {
    button.addEventListener("click", async () => {
      const blob = await (await fetch(`/page/samples/${button.dataset.sample}`)).blob();
      add([new File([blob], button.dataset.sample, { type: blob.type })]);
    });
  }
  const over = (is) => find("drop").classList.toggle("over", is);
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      over(true);
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    add(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
}
