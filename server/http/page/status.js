// The server's figures, out of its Prometheus metrics, while somebody looks.

import { say } from "./i18n.js";

const EVERY_MS = 2000;

// Samples as [name, labels, value].
function parseMetrics(text) {
  return text.split("\n").flatMap((row) => {
    const found = /^([a-z_]+)(?:\{(.*)\})? (\S+)/.exec(row);
    return found ? [[found[1], found[2] ?? "", Number(found[3])]] : [];
  });
}

export class Status {
  #details; #list; #token; #before = null; #timer = 0;

  constructor(details, list, token) {
    this.#details = details;
    this.#list = list;
    this.#token = token;
    details.addEventListener("toggle", () => this.#look());
    this.#look();
  }

  async #look() {
    clearTimeout(this.#timer);
    if (!this.#details.open) return;
    try {
      await this.#show();
    } catch {
      this.#fill([[say("figureReady"), say("unreachable")]]);
    }
    this.#timer = setTimeout(() => this.#look(), EVERY_MS);
  }

  async #show() {
    const token = this.#token();
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const [ready, answer] = await Promise.all([fetch("/readyz"), fetch("/metrics", { headers })]);
    const rows = [[say("figureReady"), say(ready.ok ? "ready" : "notReady")]];
    if (!answer.ok) {
      this.#fill([...rows, ["", say("statusLocked")]]);
      return;
    }
    const samples = parseMetrics(await answer.text());
    const sum = (name, label = "") =>
      samples.reduce((total, [one, labels, value]) => (one === name && labels.includes(label) ? total + value : total), 0);
    const now = {
      count: sum("edgeocr_request_duration_seconds_count", 'code="OK"'),
      seconds: sum("edgeocr_request_duration_seconds_sum", 'code="OK"'),
    };
    const lately = this.#before && now.count > this.#before.count
      ? (now.seconds - this.#before.seconds) / (now.count - this.#before.count) : null;
    this.#before = now;
    const seconds = (value) => say("seconds", value.toFixed(2));
    const latency = now.count ? `${seconds(now.seconds / now.count)} (${say("figureAlways")})` : say("none");
    rows.push(
      [say("figureQueue"), sum("edgeocr_queue_length")],
      [say("figureWorkers"), say("ofTotal", sum("edgeocr_workers_busy"), sum("edgeocr_workers"))],
      [say("figureLatency"), lately === null ? latency : `${seconds(lately)} (${say("figureLately")}), ${latency}`],
      [say("figureMemory"), memory(sum("process_resident_memory_bytes"), sum("edgeocr_memory_bytes", 'kind="budget"'))],
      [say("figureRead"), now.count],
      [say("figureRefused"), sum("edgeocr_rejected_total")],
    );
    this.#fill(rows);
  }

  #fill(rows) {
    this.#list.replaceChildren(...rows.map(([name, value]) => {
      const row = document.createElement("div"), term = document.createElement("dt"), described = document.createElement("dd");
      term.textContent = name;
      described.append(...[value].flat().map((part) => (part instanceof Node ? part : String(part))));
      row.append(term, described);
      return row;
    }));
  }
}

function memory(used, budget) {
  const text = say("ofTotal", ...[used, budget].map((bytes) => say("bytesMebibytes", Math.round(bytes / 2 ** 20))));
  const meter = document.createElement("meter");
  Object.assign(meter, { min: 0, max: budget, high: budget * 0.9, value: used });
  meter.setAttribute("aria-label", text);
  return [meter, ` ${text}`];
}
