import { readFileSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

/** Enough for text, its edges and a few signs: with twice as many, nobody sees more, and the files are a tenth larger. */
const most = 32;

/** Rewrites a PNG with a palette: what stands in the documents is text on plain grounds, and a third as large. */
export function shrink(path: string): void {
  const { width, height, data } = PNG.sync.read(readFileSync(path));
  const palette = paletteOf(data);
  const nearest = new Map<number, number>();
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0, from = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1, from += 4) {
      const colour = data.readUIntBE(from, 3);
      const known = nearest.get(colour);
      const index = known ?? nearestTo(colour, palette);
      if (known === undefined) nearest.set(colour, index);
      // A line begins with its filter, which is none: the places of a palette are not near each other.
      lines[y * (width + 1) + 1 + x] = index;
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits a pixel, of a palette.
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.alloc(palette.length * 3);
  for (const [index, colour] of palette.entries()) colours.writeUIntBE(colour, index * 3, 3);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk('IHDR', head), chunk('PLTE', colours), chunk('IDAT', deflateSync(lines, { level: 9 }))];
  writeFileSync(path, Buffer.concat([signature, ...parts, chunk('IEND', Buffer.alloc(0))]));
}

/**
 * Those that tell most apart: each next one is what is met often and is far from all that were chosen, so that the red of a
 * few words is kept beside all the greys of the others.
 */
function paletteOf(data: Buffer): number[] {
  const met = new Map<number, number>();
  for (let from = 0; from < data.length; from += 4) {
    const colour = data.readUIntBE(from, 3);
    met.set(colour, (met.get(colour) ?? 0) + 1);
  }
  const left = [...met].map(([colour, count]) => ({
    colour,
    // By the root, or the green of a few ticks would be lost among the greys.
    much: Math.sqrt(count),
    away: Number.POSITIVE_INFINITY,
  }));
  const palette: number[] = [];
  while (palette.length < most) {
    const next = left.reduce((best, one) => (one.much * one.away > best.much * best.away ? one : best));
    if (next.away === 0) break;
    palette.push(next.colour);
    for (const one of left) one.away = Math.min(one.away, apart(one.colour, next.colour));
  }
  return palette;
}

function nearestTo(colour: number, palette: readonly number[]): number {
  const away = palette.map((one) => apart(colour, one));
  return away.indexOf(Math.min(...away));
}

const apart = (one: number, other: number) =>
  [16, 8, 0].reduce((sum, bits) => sum + (((one >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0);

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
