// What axe finds at every size, and where the tab key leads, in either browser and a theme:
// node accessible.mjs chrome|firefox EXECUTABLE URL light|dark AXE OUT FILE... Writes what was found, as JSON.

import { readFileSync, writeFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const [browserName, executablePath, url, theme, axe, out, ...files] = process.argv.slice(2);
const SIZES = [[360, 740], [820, 1100], [1360, 820]];
const STOPS = 60;

const browser = await puppeteer.launch({
  browser: browserName,
  executablePath,
  headless: true,
  args: browserName === "chrome" ? ["--no-sandbox"] : [],
  extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": theme === "dark" ? 0 : 1 },
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${url}/`, { waitUntil: "load" });
  await page.waitForSelector("body:not([aria-busy])");
  if (browserName === "chrome") await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.evaluate(readFileSync(axe, "utf8"));
  const isDark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const found = [];
  const look = async (state) => {
    for (const [width, height] of SIZES) {
      await page.setViewport({ width, height });
      const violations = await page.evaluate(async () => (await window.axe.run()).violations
        .map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0].html })));
      found.push(...violations.map((one) => ({ state, width, ...one })));
    }
  };
  await look("empty");
  await (await page.$("#files")).uploadFile(...files);
  await page.waitForFunction((count) => {
    const ended = document.querySelectorAll("#list li:is([data-state=done], [data-state=failed])");
    return ended.length === count;
  }, {}, files.length);
  await page.$$eval("details", (all) => all.forEach((one) => { one.open = true; }));
  await page.waitForSelector("#figures meter");
  await look("read");
  await page.keyboard.press("F8");
  await page.waitForSelector(".others");
  await look("doubtful");
  for (const view of ["paragraphs", "table", "markdown"]) {
    await page.click(`[data-view=${view}]`);
    await look(view);
  }
  await page.click("[data-view=lines]");
  await page.$$eval("details", (all) => all.forEach((one) => { one.open = false; }));
  await page.focus(".skip");
  const stops = [];
  for (let stop = 0; stop < STOPS; stop += 1) {
    stops.push(await page.evaluate(() => {
      const here = document.activeElement;
      return here.id || here.dataset.view || here.className || here.tagName;
    }));
    await page.keyboard.press("Tab");
  }
  // What axe has to find, or it was not at work.
  await page.evaluate(() => document.querySelector("main").append(document.createElement("button")));
  const before = found.length;
  await look("control");
  writeFileSync(out, JSON.stringify({ isDark, found: found.slice(0, before), control: found.slice(before), stops }));
} finally {
  await browser.close();
}
