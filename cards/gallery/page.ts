import type { AxeResults } from 'axe-core';
import { problemsOf } from './checks.ts';
import { type Look, rendered } from './rendered.ts';
import { styleOf, type ThemeName, themeNames } from './themes.ts';

/** A card on the gallery's page. */
export interface Exhibit {
  group: string;
  name: string;
  card: object;
}

declare global {
  interface Window {
    gallery: {
      show(shown: { index: number; look: Look }[]): void;
      problems(): { name: string; says: string }[];
      /** Of the cards shown: the buttons that this client leaves out. */
      missing(): { name: string; says: string }[];
    };
    axe: { run(where: string, how: object): Promise<AxeResults> };
  }
}

const exhibits = JSON.parse(document.getElementById('exhibits')?.textContent ?? '[]') as Exhibit[];
const style = document.createElement('style');
style.textContent = themeNames.map(styleOf).join('\n');
document.head.append(style);
const wall = document.getElementById('wall') as HTMLElement;

function figureOf({ group, name, card }: Exhibit, look: Look, index: number): HTMLElement {
  const figure = document.createElement('figure');
  figure.className = `theme-${look.theme}`;
  figure.dataset.index = String(index);
  figure.dataset.name = `${group}: ${name}`;
  const caption = document.createElement('figcaption');
  caption.textContent = `${group}: ${name}`;
  figure.append(caption, rendered(card, look));
  return figure;
}

window.gallery = {
  show(shown) {
    wall.replaceChildren(...shown.map(({ index, look }) => figureOf(exhibits[index] as Exhibit, look, index)));
  },
  problems: () =>
    [...wall.querySelectorAll('figure')].flatMap((figure) =>
      problemsOf(figure.querySelector('.card') as HTMLElement).map((says) => ({
        name: figure.dataset.name ?? '',
        says,
      })),
    ),
  missing: () =>
    [...wall.querySelectorAll('figure')].flatMap((figure) => {
      const shown = new Set([...figure.querySelectorAll('button')].map((button) => button.textContent));
      return titlesOf(exhibits[Number(figure.dataset.index)]?.card)
        .filter((title) => !shown.has(title))
        .map((title) => ({
          name: figure.dataset.name ?? '',
          says: `the button “${title}” is missing in an old client.`,
        }));
    }),
};

/** The titles of a card's buttons, wherever they stand. */
function titlesOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(titlesOf);
  if (typeof part !== 'object' || part === null) return [];
  const { type, title } = part as Record<string, unknown>;
  if (/^Action\./.test(String(type))) return [String(title)];
  return Object.values(part).flatMap(titlesOf);
}

const chosen = (id: string) => (document.getElementById(id) as HTMLSelectElement).value;

function fill(id: string, values: readonly string[]) {
  const select = document.getElementById(id) as HTMLSelectElement;
  select.replaceChildren(...values.map((value) => new Option(value, value)));
}

function look() {
  const [theme, width, group, client] = [chosen('theme'), Number(chosen('width')), chosen('group'), chosen('client')];
  const all = exhibits.map((one, index) => ({ one, index })).filter(({ one }) => one.group === group);
  const version = client === 'today’s' ? undefined : client;
  document.body.className = `theme-${theme}`;
  window.gallery.show(
    all.map(({ index }) => ({ index, look: { theme: theme as ThemeName, width, ...(version && { version }) } })),
  );
}

fill('group', [...new Set(exhibits.map(({ group }) => group))]);
fill('theme', themeNames);
fill('width', ['320', '400', '720']);
fill('client', ['today’s', '1.4', '1.3']);
for (const select of document.querySelectorAll('select')) select.addEventListener('change', look);
if (!navigator.webdriver) look();
