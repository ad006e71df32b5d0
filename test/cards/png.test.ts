import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { shrink } from '../../cards/gallery/png.ts';

const folder = mkdtempSync(join(tmpdir(), 'teammate-png-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a picture that is made smaller keeps its size, and a colour of few pixels among many greys', () => {
  const picture = new PNG({ width: 300, height: 200 });
  for (let at = 0; at < 300 * 200; at += 1) {
    const grey = at % 256;
    picture.data.set(at < 40 ? [196, 49, 75, 255] : [grey, grey, grey, 255], at * 4);
  }
  const path = join(folder, 'one.png');
  writeFileSync(path, PNG.sync.write(picture));
  const before = readFileSync(path).length;
  shrink(path);
  const after = PNG.sync.read(readFileSync(path));
  expect([after.width, after.height]).toEqual([300, 200]);
  expect([...after.data.subarray(0, 4)]).toEqual([196, 49, 75, 255]);
  // A grey stays a grey, and near the one it was.
  const [red, green, blue] = after.data.subarray(100 * 4);
  expect(new Set([red, green, blue]).size).toBe(1);
  expect(Math.abs((red ?? 0) - 100)).toBeLessThan(12);
  expect(readFileSync(path).length).toBeLessThan(before);
});
