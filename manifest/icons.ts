import { PNG } from 'pngjs';

/**
 * The sizes, and the square in the middle that keeps the colour icon's symbol whole when Teams rounds the corners or,
 * for bots, cuts a hexagon: https://learn.microsoft.com/microsoftteams/platform/concepts/design/design-teams-app-icon-store-appbar
 */
export const iconLimits = { color: 192, outline: 32, safeArea: 120 } as const;

/**
 * What is wrong with the colour icon: 192×192, nothing transparent, and outside the central 120×120 nothing but the
 * accent colour, so that no edge shows where Teams puts the icon on that colour.
 * @param accentColor as in the manifest, `#rrggbb`.
 */
export function colorIconMistakes(png: Uint8Array, accentColor: string): string[] {
  const image = decode(png);
  const mistakes = sizeMistakes('color.png', image, iconLimits.color);
  if (!image || mistakes.length > 0) return mistakes;
  const edge = (iconLimits.color - iconLimits.safeArea) / 2;
  const isOutside = (at: number) => at < edge || at >= iconLimits.color - edge;
  const transparent = find(image, ({ alpha }) => alpha < 255);
  const astray = find(
    image,
    ({ x, y, color }) => (isOutside(x) || isOutside(y)) && color !== accentColor.toLowerCase(),
  );
  if (transparent) mistakes.push(`color.png: ${transparent} is transparent, but the icon must fill its whole square.`);
  if (astray) {
    mistakes.push(
      `color.png: ${astray} is not the accent colour ${accentColor}, and the symbol must stay in the central ` +
        `${iconLimits.safeArea}×${iconLimits.safeArea}.`,
    );
  }
  return mistakes;
}

/**
 * What is wrong with the outline icon: 32×32, some of it white (255, 255, 255), all the rest with an alpha of 0. Half
 * transparent white, as smoothing makes it, has been refused: MicrosoftDocs/msteams-docs#2132 and
 * OfficeDev/microsoft-teams-app-quickstarts#23. The rule: https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package
 */
export function outlineIconMistakes(png: Uint8Array): string[] {
  const image = decode(png);
  const mistakes = sizeMistakes('outline.png', image, iconLimits.outline);
  if (!image || mistakes.length > 0) return mistakes;
  const wrong = find(image, ({ alpha, color }) => alpha > 0 && (alpha < 255 || color !== '#ffffff'));
  if (wrong) mistakes.push(`outline.png: ${wrong} must be either white or fully transparent.`);
  if (!find(image, ({ alpha }) => alpha > 0)) mistakes.push('outline.png: nothing is drawn on it.');
  if (!find(image, ({ alpha }) => alpha === 0)) mistakes.push('outline.png: nothing of it is transparent.');
  return mistakes;
}

function decode(png: Uint8Array): PNG | undefined {
  try {
    return PNG.sync.read(Buffer.from(png));
  } catch {
    return undefined;
  }
}

function sizeMistakes(file: string, image: PNG | undefined, side: number): string[] {
  if (!image) return [`${file}: is not a PNG that can be read.`];
  if (image.width === side && image.height === side) return [];
  return [`${file}: is ${image.width}×${image.height} and must be ${side}×${side}.`];
}

interface Pixel {
  x: number;
  y: number;
  /** `#rrggbb` */
  color: string;
  alpha: number;
}

/** The first pixel of that kind, as a person would look it up; undefined when there is none. */
function find({ width, height, data }: PNG, isMeant: (pixel: Pixel) => boolean): string | undefined {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const color = `#${data.toString('hex', at, at + 3)}`;
      const alpha = data[at + 3]!;
      if (isMeant({ x, y, color, alpha })) return `the pixel ${x},${y} (${color}, alpha ${alpha})`;
    }
  }
  return undefined;
}
