import type { Browser, Locator, Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { shot } from './shots.ts';

/** A person at their Agents Playground. */
export class Client {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, address: string): Promise<Client> {
    const page = await openPage(browser);
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    await page.getByRole('treeitem', { name: 'Personal Chat' }).waitFor();
    // Half of the window would be the Playground's own log.
    const log = page.getByText('Log Panel', { exact: true });
    await page.getByRole('textbox').first().waitFor();
    if (await log.isVisible()) await page.getByRole('button', { name: 'Toggle Log Panel' }).click();
    return new Client(page);
  }

  async openChat(): Promise<void> {
    await this.page.getByRole('treeitem', { name: 'Personal Chat' }).click();
  }

  async openChannel(name: string): Promise<void> {
    await this.page.getByRole('treeitem', { name: new RegExp(` - ${name}$`) }).click();
    await this.page.getByRole('button', { name: 'Post', exact: true }).waitFor();
  }

  /** Types something in the chat with the bot. */
  async say(text: string): Promise<void> {
    await this.openChat();
    await this.#composer().last().click();
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  /** Starts a post in the channel that is open, addressed to the bot. */
  async post(text: string): Promise<void> {
    await this.#composer().first().click();
    await this.page.keyboard.type('@');
    await this.page.getByRole('menuitem', { name: 'TeamMate' }).click();
    await this.page.keyboard.type(` ${text}`);
    await this.page.getByRole('button', { name: 'Post', exact: true }).click();
  }

  /** Waits for a card that says all of this; the newest, because the older ones stay on the page. */
  async see(...says: (string | RegExp)[]): Promise<Locator> {
    const card = this.cards(...says).last();
    await card.waitFor().catch(async (error) => {
      await this.shot('not-seen');
      throw error;
    });
    return card;
  }

  cards(...says: (string | RegExp)[]): Locator {
    return says.reduce((cards: Locator, hasText) => cards.filter({ hasText }), this.page.locator('.ac-adaptiveCard'));
  }

  async click(card: Locator, title: string): Promise<void> {
    await card.getByRole('button', { name: title, exact: true }).click();
  }

  shot(name: string, card?: Locator): Promise<void> {
    return shot(this.page, name, card);
  }

  // A Lexical editor: it takes keystrokes, and not a value that is set.
  #composer(): Locator {
    return this.page.locator('[role=textbox][contenteditable=true]');
  }
}

/** The form's inputs, by what a screen reader calls them. */
export const field = (card: Locator, label: string) => card.getByRole('textbox', { name: label });
export const choice = (card: Locator, title: string) => card.getByRole('checkbox', { name: title });
/** What is typed into it is hidden, so it counts as no text box. */
export const secret = (card: Locator, label: string) => card.getByLabel(label);
/** A list that is searched as one types; what it finds is shown outside of the card. */
export const list = (card: Locator, label: string) => card.getByRole('combobox', { name: label });
export async function choose(card: Locator, label: string, title: string): Promise<void> {
  await list(card, label).click();
  await list(card, label).pressSequentially(title);
  await card.page().getByRole('option', { name: title, exact: true }).click();
}
