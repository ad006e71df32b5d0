import * as official from 'adaptivecards';
import { forWidth } from '../widths.ts';
import { htmlOf } from './markdown.ts';
import { hostConfigOf, type ThemeName } from './themes.ts';

/** How a card is looked at. `version`: the newest that the client knows. */
export interface Look {
  theme: ThemeName;
  width: number;
  version?: string;
}

/** A container that lays its items side by side, as Teams does where the card is wide enough (Layout.Flow). */
class FlowingContainer extends official.Container {
  #itemWidth = '';

  protected override internalParse(source: unknown, context: official.SerializationContext) {
    super.internalParse(source, context);
    const { layouts = [] } = source as { layouts?: { type: string; itemWidth?: string }[] };
    const flow = layouts.find(({ type }) => type === 'Layout.Flow');
    this.#itemWidth = flow ? (flow.itemWidth ?? 'auto') : '';
  }

  protected override internalRender() {
    const element = super.internalRender();
    if (element && this.#itemWidth) {
      Object.assign(element.style, { flexFlow: 'row wrap', alignItems: 'flex-start', gap: '16px' });
      // What keeps the items apart when they are stacked.
      for (const child of element.querySelectorAll<HTMLElement>(':scope > [aria-hidden]')) child.remove();
      for (const child of element.children as HTMLCollectionOf<HTMLElement>)
        Object.assign(child.style, { flex: `1 1 ${this.#itemWidth}`, minWidth: '0' });
    }
    return element;
  }
}

official.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = htmlOf(text);
  result.didProcess = true;
};

/** A card as a client of Teams would show it. */
export function rendered(card: object, { theme, width, version }: Look): HTMLElement {
  const context = new official.SerializationContext(
    official.Version.parse(version ?? '1.5', new official.SerializationContext()),
  );
  const elements = new official.CardObjectRegistry<official.CardElement>();
  official.GlobalRegistry.populateWithDefaultElements(elements);
  // A client of before knows neither layouts nor widths.
  if (!version) elements.register('Container', FlowingContainer, official.Versions.v1_0);
  context.setElementRegistry(elements);
  const parsed = new official.AdaptiveCard();
  parsed.hostConfig = new official.HostConfig(hostConfigOf(theme));
  parsed.parse(version ? card : forWidth(card, width), context);
  // Dates are the client's to word. English is Britain's, as everywhere.
  const { lang } = document.documentElement;
  parsed.lang = lang === 'en' ? 'en-GB' : lang;
  const frame = document.createElement('div');
  frame.className = 'card';
  frame.style.width = `${width}px`;
  const inside = parsed.render();
  if (inside) frame.append(inside);
  // The published renderer lays the label of an input out in a row that cannot wrap; in Teams it wraps.
  for (const run of frame.querySelectorAll<HTMLElement>('label .ac-textRun')) run.style.flexShrink = '1';
  for (const input of parsed.getAllInputs()) if (input instanceof official.ChoiceSetInput) asInTeams(input);
  return frame;
}

/** The published renderer shows the value of a searchable list in the place of its title, and gives it no name. Teams does both. */
function asInTeams(list: official.ChoiceSetInput) {
  const box = list.renderedElement?.querySelector<HTMLInputElement>('.ac-choiceSetInput-filtered');
  if (!box) return;
  box.value = list.choices.find(({ value }) => value === list.defaultValue)?.title ?? '';
  box.setAttribute('aria-label', list.label ?? '');
}
