import type { Browser, Page } from 'playwright-core';
import { openPage } from './browser.ts';

/** A mail in the mail viewer, as who got it reads it. */
export interface OpenMail {
  page: Page;
  /** Opens a link of it, in a tab of its own. */
  follow(link: string): Promise<Page>;
}

/** Opens the newest mail with this subject, as soon as it has come. */
export async function openMail(browser: Browser, viewer: string, subject: string): Promise<OpenMail> {
  const page = await openPage(browser);
  await page.goto(viewer);
  await page.getByText(subject).first().click();
  const body = page.frameLocator('iframe');
  await body.getByRole('link').first().waitFor();
  return {
    page,
    async follow(link) {
      // MailDev shows mails in a sandbox from which a plain click opens nothing.
      const click = body.getByRole('link', { name: link, exact: true }).click({ modifiers: ['ControlOrMeta'] });
      const [opened] = await Promise.all([page.context().waitForEvent('page'), click]);
      return opened;
    },
  };
}
