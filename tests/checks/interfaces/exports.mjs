// What the page in the browser saves of pages: reads { name, pages } from standard input, the folder of the page's modules is the
// argument; writes the texts by suffix.

const folder = process.argv[2];
const { MAKERS } = await import(`${folder}/export/exports.js`);
const { Page } = await import(`${folder}/store.js`);

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { name, pages } = JSON.parse(Buffer.concat(chunks).toString());
const made = pages.map((found) => {
  const page = new Page(found.index);
  page.finish(found);
  return page;
});
const texts = {};
for (const suffix of ["txt", "md", "csv", "json"]) texts[suffix] = await MAKERS[suffix][1]({ name, pages: made });
process.stdout.write(JSON.stringify(texts));
