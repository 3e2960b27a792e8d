// A session as somebody has it who comes with 25 files, in either browser:
// node session.mjs chrome|firefox EXECUTABLE URL FOLDER OUT. Writes what was seen and saved, as JSON.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const [browserName, executablePath, url, folder, out] = process.argv.slice(2);
const PATIENCE_MS = 240_000;

const browser = await puppeteer.launch({
  browser: browserName,
  executablePath,
  headless: true,
  args: browserName === "chrome" ? ["--no-sandbox"] : [],
  defaultViewport: { width: 1360, height: 820 },
});
const complaints = [];
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => complaints.push(String(error)));
  // What is offered for saving is kept, since browsers differ in how they save.
  await page.evaluateOnNewDocument(() => {
    window.offered = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      window.offered.push(blob);
      return make.call(URL, blob);
    };
  });
  await page.goto(`${url}/`, { waitUntil: "load" });
  await page.waitForSelector("#language option");
  await page.select("#language", "en");

  const names = readdirSync(folder).sort();
  const input = await page.$("#files");
  await input.uploadFile(...names.map((name) => join(folder, name)));
  await page.waitForFunction((count) => {
    const rows = [...document.querySelectorAll("#list li")];
    return rows.length === count && rows.every((row) => ["done", "failed"].includes(row.dataset.state));
  }, {}, names.length);
  const states = await page.$$eval("#list li", (rows) => rows.map((row) =>
    ({ name: row.querySelector(".name").textContent, state: row.dataset.state, said: row.querySelector(".state").textContent })));
  const totals = await page.$eval("#totals", (element) => element.textContent);

  await page.$$eval("#list li .name", (all) => all.at(-1).click());
  await page.waitForFunction(() => document.querySelector("#sheet img")?.naturalWidth > 0);
  const last = await page.evaluate(() => {
    const { top, bottom } = document.querySelector("#sheet").getBoundingClientRect();
    return { name: document.querySelector("#picture-name").textContent, isInView: top >= 0 && bottom <= innerHeight };
  });

  const first = await page.$(".glyphs");
  const { x, y, width, height } = await first.boundingBox();
  await page.mouse.move(x + 1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width - 1, y + height / 2, { steps: 8 });
  await page.mouse.up();
  const selected = await page.evaluate(() => getSelection().toString());

  await page.keyboard.press("F8");
  await page.waitForSelector(".others");
  const doubt = () => page.evaluate(() => {
    const field = document.activeElement;
    return {
      file: document.querySelector("#picture-name").textContent,
      line: [...document.querySelectorAll("#lines textarea")].indexOf(field),
      text: field.value,
      character: field.value.slice(field.selectionStart, field.selectionEnd),
      other: field.closest("li").querySelector(".others button:nth-child(2)")?.textContent ?? null,
    };
  });
  // One of which the server says what else it may be.
  let fixed = await doubt();
  for (let tries = 0; fixed.other === null && tries < 20; tries += 1) {
    await page.keyboard.press("F8");
    fixed = await doubt();
  }
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");

  await page.select("#scope", "all");
  const saved = {};
  for (const format of ["txt", "md", "csv", "xlsx", "json", "pdf"]) {
    await page.select("#format", format);
    await page.evaluate(() => { window.offered = []; });
    await page.click("#save");
    await page.waitForFunction(() => window.offered.length && !document.querySelector("#save").disabled);
    saved[format] = await page.evaluate(async () => {
      const bytes = new Uint8Array(await window.offered[0].arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    });
  }
  writeFileSync(out, JSON.stringify({ states, totals, last, selected, fixed, saved, complaints }));
} finally {
  await browser.close();
}
