// Pictures made out of pictures: turned, cut out, small.

const THUMBNAIL = 112, QUALITY = 0.95;

// What was compressed with losses is so again.
const typeFor = (blob) => (blob.type === "image/jpeg" ? "image/jpeg" : "image/png");

async function drawn(width, height, type, draw) {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "#fff";
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  draw(drawing);
  return canvas.convertToBlob({ type, quality: QUALITY });
}

async function turnedBitmap(bitmap, degrees, type) {
  const { width, height } = bitmap;
  const [across, down] = degrees % 180 ? [height, width] : [width, height];
  const made = await drawn(across, down, type, (drawing) => {
    drawing.translate(across / 2, down / 2);
    drawing.rotate((degrees * Math.PI) / 180);
    drawing.drawImage(bitmap, -width / 2, -height / 2);
  });
  bitmap.close();
  return made;
}

// Clockwise, by 0, 90, 180 or 270 degrees.
export async function turned(blob, degrees) {
  return turnedBitmap(await createImageBitmap(blob), degrees, typeFor(blob));
}

// A part of a picture that is turned clockwise, by the shares of its sides.
export async function cutOut(blob, degrees, [left, top, right, bottom]) {
  const bitmap = await createImageBitmap(degrees ? await turned(blob, degrees) : blob);
  const { width, height } = bitmap;
  const made = await drawn((right - left) * width, (bottom - top) * height, "image/png", (drawing) =>
    drawing.drawImage(bitmap, -left * width, -top * height));
  bitmap.close();
  return made;
}

// A small picture as the URL of a JPEG file; null for what browsers do not draw.
export async function thumbnail(blob, degrees = 0) {
  try {
    const bitmap = await createImageBitmap(blob, { resizeHeight: THUMBNAIL, resizeQuality: "medium" });
    return URL.createObjectURL(await turnedBitmap(bitmap, degrees, "image/jpeg"));
  } catch {
    return null;
  }
}
