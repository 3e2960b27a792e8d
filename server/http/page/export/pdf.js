// What was read as a searchable PDF (ISO 32000-1): every page's picture, and over it its text, to be found, not seen.
//
// The text is set in a font of one blank box, whose characters are told apart by codes; what these mean is a table.

import { IS_WIDE } from "../text/blocks.js";

const POINTS_PER_INCH = 72, PIXELS_PER_INCH = 200;
const NARROW = 500, WIDE = 1000, DESCENT = 0.2;
const QUALITY = 0.92, LONGEST_SIDE = 8000;
const encoder = new TextEncoder();

const hex = (number) => number.toString(16).padStart(4, "0");
const list = (numbers) => numbers.map((number) => Number(number.toFixed(4))).join(" ");

// Numbered objects, of which each may be named before it is written.
class Objects {
  #parts = []; #bytes = 0; #places = [];

  constructor() {
    // Bytes beyond ASCII tell that the file is not text.
    this.#add("%PDF-1.7\n%\u00e9\u00e9\n");
  }

  number() {
    return this.#places.push(0);
  }

  // `stream` is text, bytes or a Blob; returns how the object is named.
  write(dictionary, stream = null, number = this.number()) {
    this.#places[number - 1] = this.#bytes;
    this.#add(`${number} 0 obj\n`);
    if (stream === null) this.#add(`<< ${dictionary} >>`);
    else {
      const data = typeof stream === "string" ? encoder.encode(stream) : stream;
      this.#add(`<< ${dictionary} /Length ${data.size ?? data.length} >>\nstream\n`);
      this.#add(data);
      this.#add("\nendstream");
    }
    this.#add("\nendobj\n");
    return `${number} 0 R`;
  }

  finish(root) {
    const start = this.#bytes, count = this.#places.length + 1;
    const rows = this.#places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`);
    this.#add(`xref\n0 ${count}\n0000000000 65535 f \n${rows.join("")}`);
    this.#add(`trailer\n<< /Size ${count} /Root ${root} >>\nstartxref\n${start}\n%%EOF\n`);
    return new Blob(this.#parts, { type: "application/pdf" });
  }

  #add(part) {
    const data = typeof part === "string" ? encoder.encode(part) : part;
    this.#parts.push(data);
    this.#bytes += data.size ?? data.length;
  }
}

// The codes of a document's characters.
class Codes {
  #codes = new Map();

  of(character) {
    if (!this.#codes.has(character)) this.#codes.set(character, this.#codes.size + 1);
    return this.#codes.get(character);
  }

  write(objects, font) {
    const characters = [...this.#codes.keys()];
    const meanings = characters.map((one, place) => `<${hex(place + 1)}> <${[...Array(one.length).keys()].map((at) => hex(one.charCodeAt(at))).join("")}>`);
    const blocks = [];
    for (let at = 0; at < meanings.length; at += 100) {
      const block = meanings.slice(at, at + 100);
      blocks.push(`${block.length} beginbfchar\n${block.join("\n")}\nendbfchar`);
    }
    const table = objects.write("", [
      "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
      "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
      "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
      "1 begincodespacerange <0000> <FFFF> endcodespacerange",
      ...blocks,
      "endcmap CMapName currentdict /CMap defineresource pop end end",
    ].join("\n"));
    const file = objects.write(`/Length1 ${font.length}`, font);
    const descriptor = objects.write(`/Type /FontDescriptor /FontName /EdgeocrInvisible /Flags 4 /FontBBox [0 -200 ${WIDE} 800] ` +
      `/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 /FontFile2 ${file}`);
    // Every code is drawn as the font's second glyph, its box.
    const glyphs = objects.write("", Uint8Array.from({ length: 2 * characters.length + 2 }, (_, at) => (at % 2 && at > 1 ? 1 : 0)));
    const widths = characters.map((one) => (IS_WIDE.test(one) ? WIDE : NARROW));
    const descendant = objects.write("/Type /Font /Subtype /CIDFontType2 /BaseFont /EdgeocrInvisible " +
      "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> " +
      `/FontDescriptor ${descriptor} /CIDToGIDMap ${glyphs} /DW ${NARROW} /W [1 [${widths.join(" ")}]]`);
    return `/Type /Font /Subtype /Type0 /BaseFont /EdgeocrInvisible /Encoding /Identity-H /DescendantFonts [${descendant}] /ToUnicode ${table}`;
  }
}

// What puts a line's text into its polygon, on a page of that height and scale.
function textOf(line, height, scale, codes) {
  const characters = [...line.text];
  if (!characters.length) return "";
  let corners = line.polygon.map(([x, y]) => [x * scale, height - y * scale]);
  // Text that runs downwards lies on its side: its foot is on the left.
  if (line.direction === "vertical") corners = [...corners.slice(1), corners[0]];
  const [top, , end, foot] = corners;
  const length = characters.reduce((sum, one) => sum + (IS_WIDE.test(one) ? WIDE : NARROW), 0) / 1000;
  const along = [0, 1].map((side) => (end[side] - foot[side]) / length);
  const up = [0, 1].map((side) => top[side] - foot[side]);
  const start = [0, 1].map((side) => foot[side] + DESCENT * up[side]);
  return `${list([...along, ...up, ...start])} Tm <${characters.map((one) => hex(codes.of(one))).join("")}> Tj\n`;
}

// A JPEG file that looks the same however its Exif data are taken, with its size and number of components; or null.
async function plainJpeg(blob) {
  const view = new DataView(await blob.slice(0, 1 << 16).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker < 0xffc0 || marker === 0xffe1) return null;
    if (marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      const components = view.getUint8(at + 9), isKnown = view.getUint8(at + 4) === 8 && [1, 3].includes(components);
      return isKnown ? { blob, width: view.getUint16(at + 7), height: view.getUint16(at + 5), components } : null;
    }
  }
  return null;
}

// Any picture as JPEG, upright and on white.
async function asJpeg(blob) {
  const plain = await plainJpeg(blob);
  if (plain) return plain;
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "#fff";
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { blob: await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY }), width: canvas.width, height: canvas.height, components: 3 };
}

// A file of those pages that have a picture; null if none has.
export async function toPdf({ reading, pages: chosen }) {
  const font = new Uint8Array(await (await fetch("/page/export/invisible.ttf")).arrayBuffer());
  const objects = new Objects(), codes = new Codes(), pages = [];
  const [root, tree, text] = [objects.number(), objects.number(), objects.number()];
  const scale = POINTS_PER_INCH / (reading.pixelsPerInch || PIXELS_PER_INCH);
  for (const page of chosen) {
    const picture = reading.pictureOf(page);
    if (!picture || !page.width) continue;
    const jpeg = await asJpeg(picture);
    const image = objects.write(`/Type /XObject /Subtype /Image /Width ${jpeg.width} /Height ${jpeg.height} /BitsPerComponent 8 ` +
      `/ColorSpace /Device${jpeg.components === 1 ? "Gray" : "RGB"} /Filter /DCTDecode`, jpeg.blob);
    const width = page.width * scale, height = page.height * scale;
    const lines = page.lines.map((line) => textOf(line, height, scale, codes)).join("");
    const content = objects.write("", `q ${list([width, 0, 0, height, 0, 0])} cm /Picture Do Q\nBT /Text 1 Tf 3 Tr\n${lines}ET`);
    pages.push(objects.write(`/Type /Page /Parent ${tree} 0 R /MediaBox [0 0 ${list([width, height])}]${page.turn ? ` /Rotate ${page.turn}` : ""} ` +
      `/Contents ${content} /Resources << /XObject << /Picture ${image} >> /Font << /Text ${text} 0 R >> >>`));
  }
  if (!pages.length) return null;
  objects.write(codes.write(objects, font), null, text);
  objects.write(`/Type /Pages /Kids [${pages.join(" ")}] /Count ${pages.length}`, null, tree);
  return objects.finish(objects.write(`/Type /Catalog /Pages ${tree} 0 R`, null, root));
}
