// Several files as one, as they are (APPNOTE 6.3, method 0).

const FLAG_UTF8 = 0x800, VERSION = 20, SAME_DAY = 0x21;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

// Numbers of two (positive) or four bytes (given as [number]), the least significant first.
function packed(...numbers) {
  const bytes = numbers.flatMap((one) => (Array.isArray(one) ? [0, 8, 16, 24].map((by) => (one[0] >>> by) & 255) : [one & 255, one >> 8]));
  return Uint8Array.from(bytes);
}

// `files` are [name, text, bytes or Blob].
export async function zip(files) {
  const parts = [], directory = [];
  let place = 0, length = 0;
  for (const [name, content] of files) {
    const data = new Blob([content]), path = new TextEncoder().encode(name);
    const sum = checksum(new Uint8Array(await data.arrayBuffer()));
    const facts = [FLAG_UTF8, 0, 0, SAME_DAY, [sum], [data.size], [data.size], path.length, 0];
    parts.push(packed([0x04034b50], VERSION, ...facts), path, data);
    directory.push(packed([0x02014b50], VERSION, VERSION, ...facts, 0, 0, 0, [0], [place]), path);
    place += 30 + path.length + data.size;
    length += 46 + path.length;
  }
  const end = packed([0x06054b50], 0, 0, files.length, files.length, [length], [place], 0);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

// Names that are files in one folder everywhere, each once; `stems` may say anything.
export function fileNames(stems, suffix) {
  const taken = new Set();
  return stems.map((stem) => {
    const plain = stem.replace(/[\\/:*?"<>|\p{C}]/gu, "_").replace(/^[.\s]+|[.\s]+$/g, "").slice(0, 100) || "text";
    const safe = RESERVED.test(plain) ? `_${plain}` : plain;
    let name = `${safe}.${suffix}`;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${safe} (${number}).${suffix}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
