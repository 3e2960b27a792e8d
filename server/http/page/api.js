// Sends one file and tells of its lines and pages as they are read.
//
// XMLHttpRequest and not fetch, which tells nothing of how much of a body has been sent.

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? "");
    this.problem = problem;
  }
}

// Server-sent events out of a text that grows.
export class EventParser {
  #taken = 0;

  *take(text) {
    for (;;) {
      const end = text.indexOf("\n\n", this.#taken);
      if (end < 0) return;
      const rows = text.slice(this.#taken, end).split("\n");
      this.#taken = end + 2;
      const value = (name) => rows.find((row) => row.startsWith(name))?.slice(name.length);
      const kind = value("event: ");
      if (kind !== undefined) yield { kind, data: JSON.parse(value("data: ")) };
    }
  }
}

// `onSent` takes the share (0 to 1) that is sent, `onEvent` each event; resolves once the answer is whole.
// Rejects with a Refusal for a problem of the server's, with an Error for one of the connection's.
export function readFile(file, { options, token, signal, onSent, onEvent }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  form.append("image", file, file.name || "image");
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const parser = new EventParser();
    let ended = false;
    const isStream = () => call.status === 200 && (call.getResponseHeader("Content-Type") ?? "").startsWith("text/event-stream");
    const take = () => {
      if (!isStream()) return;
      for (const event of parser.take(call.responseText)) {
        if (event.kind === "error") {
          ended = true;
          reject(new Refusal(event.data.error));
        } else {
          ended ||= event.kind === "done";
          onEvent(event);
        }
      }
    };
    call.upload.addEventListener("progress", (event) => event.lengthComputable && onSent(event.loaded / event.total));
    call.upload.addEventListener("load", () => onSent(1));
    call.addEventListener("progress", take);
    call.addEventListener("load", () => {
      take();
      if (!isStream()) reject(new Refusal(problemOf(call)));
      else if (ended) resolve();
      else reject(new Error("broken"));
    });
    call.addEventListener("error", () => reject(new Error(call.status === 200 ? "broken" : "unreachable")));
    call.addEventListener("abort", () => reject(new Error("stopped")));
    signal.addEventListener("abort", () => call.abort());
    call.open("POST", "/api/ocr?stream=1");
    call.responseType = "text";
    if (token) call.setRequestHeader("Authorization", `Bearer ${token}`);
    call.send(form);
  });
}

function problemOf(call) {
  try {
    return JSON.parse(call.responseText);
  } catch {
    return { status: call.status, detail: "" };
  }
}
