// Sends one file and tells of its lines and pages as they are read.

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? "");
    this.problem = problem;
  }
}

// Server-sent events out of a text that comes in pieces.
class EventParser {
  #rest = "";

  *take(piece) {
    const events = (this.#rest + piece).split("\n\n");
    this.#rest = events.pop();
    for (const event of events) {
      const rows = event.split("\n");
      const value = (name) => rows.find((row) => row.startsWith(name))?.slice(name.length);
      const kind = value("event: ");
      if (kind !== undefined) yield { kind, data: JSON.parse(value("data: ")) };
    }
  }
}

// `onEvent` takes each event; resolves once the answer is whole.
// Rejects with a Refusal for a problem of the server's, with an Error for one of the connection's.
export async function readFile(file, { options, token, signal, onEvent }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  form.append("image", file, file.name || "image");
  const answer = await ask(form, token, signal);
  if (!answer.ok || !(answer.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) throw new Refusal(await problemOf(answer));
  const parser = new EventParser(), pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let isWhole = false; ; ) {
    const { done, value } = await pieces.read().catch(() => ({ done: true }));
    if (signal.aborted) throw new Error("stopped");
    if (done && isWhole) return;
    if (done) throw new Error("broken");
    for (const event of parser.take(value)) {
      if (event.kind === "error") throw new Refusal(event.data.error);
      isWhole ||= event.kind === "done";
      onEvent(event);
    }
  }
}

async function ask(form, token, signal) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  try {
    return await fetch("/api/ocr?stream=1&places=1", { method: "POST", body: form, headers, signal });
  } catch {
    throw new Error(signal.aborted ? "stopped" : "unreachable");
  }
}

async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    return { status: answer.status, detail: "" };
  }
}
