// Makes a photo small enough for one bar of signal: 2048 pixels, JPEG, upright, and nothing in it but the picture.

const LONGEST = 2048;
const QUALITY = 0.85;
const VIDEO = /\.(mp4|m4v|mov|avi|mkv|webm|3gp)$/i;
const OTHER = /\.(pdf|docx?|pptx?|xlsx?|txt|zip|svg)$/i;

/** A file that is no photo. The message is a sentence for people. */
export class Unfit extends Error {}

/** A photo as it is kept: {buf, type, width, height}; what this phone cannot decode as it is, with width 0. Raises Unfit. */
export async function shrink(file, mostBytes) {
  refuse(file);
  let bitmap;
  try {
    bitmap = await decode(file);
  } catch {
    return asItIs(file, mostBytes); // HEIC on most phones; the school can read it
  }
  try {
    return await drawn(bitmap, [0, 0, 1, 1]);
  } finally {
    bitmap.close();
  }
}

/** The part of a kept picture inside `box`, as a new picture. */
export async function cut(picture, box) {
  const bitmap = await decode(blobOf(picture));
  try {
    return await drawn(bitmap, box);
  } finally {
    bitmap.close();
  }
}

/** A kept picture to draw from, or null where this phone cannot decode it. */
export async function opened(picture) {
  return picture.width ? decode(blobOf(picture)) : null;
}

function blobOf(picture) { return new Blob([picture.buf], { type: picture.type }); }

function decode(blob) { return createImageBitmap(blob, { imageOrientation: 'from-image' }); }

function refuse(file) {
  if (file.size === 0) throw new Unfit('This file is empty. Choose the photo again.');
  if (file.type.startsWith('video/') || VIDEO.test(file.name)) throw new Unfit('This is a video. Pause it, take a screenshot, and pick that.');
  const still = file.type === '' || file.type === 'application/octet-stream' || file.type.startsWith('image/');
  if (!still || file.type === 'image/svg+xml' || OTHER.test(file.name)) throw new Unfit('This is not a photo. Take a screenshot of it, and pick that.');
}

async function asItIs(file, mostBytes) {
  if (file.size > mostBytes) throw new Unfit(`This photo is too large: the most is ${Math.floor(mostBytes / 1e6)} MB. Take a screenshot of it, and pick that.`);
  const type = file.type || (/\.hei[cf]$/i.test(file.name) ? 'image/heic' : 'application/octet-stream');
  try {
    return { buf: await file.arrayBuffer(), type, width: 0, height: 0 };
  } catch {
    throw new Unfit('This phone could not read it. Perhaps it is not on the phone but only in the cloud: open it in the gallery first.');
  }
}

async function drawn(bitmap, [left, top, across, down]) {
  const part = [left * bitmap.width, top * bitmap.height, across * bitmap.width, down * bitmap.height];
  const scale = Math.min(1, LONGEST / Math.max(part[2], part[3]));
  const width = Math.max(1, Math.round(part[2] * scale));
  const height = Math.max(1, Math.round(part[3] * scale));
  const canvas = 'OffscreenCanvas' in self ? new OffscreenCanvas(width, height) : Object.assign(document.createElement('canvas'), { width, height });
  const brush = canvas.getContext('2d', { alpha: false });
  brush.fillStyle = '#fff'; // behind what is transparent
  brush.fillRect(0, 0, width, height);
  brush.imageSmoothingQuality = 'high';
  brush.drawImage(bitmap, ...part, 0, 0, width, height);
  const blob = await encoded(canvas);
  canvas.width = canvas.height = 0; // its memory, now: large photos come one after the other
  return { buf: await blob.arrayBuffer(), type: 'image/jpeg', width, height };
}

async function encoded(canvas) {
  const how = { type: 'image/jpeg', quality: QUALITY };
  const blob = canvas.convertToBlob ? await canvas.convertToBlob(how) : await new Promise((done) => { canvas.toBlob(done, how.type, how.quality); });
  if (!blob) throw new Unfit('This phone had no memory left for this photo. Close other apps, and add it again.');
  return blob;
}
