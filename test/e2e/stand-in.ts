import type { Page } from 'playwright-core';

/** A message of teams-js to the window around its page, and how it is answered ("teams-js", internal/communication). */
export interface Said {
  func: string;
  args: unknown[];
}

const teams = 'https://teams.microsoft.com';

/**
 * Stands in for Teams around a page of ours: a window at an address that teams-js trusts, which frames the page and answers what
 * teams-js asks. The bot is reached at its public address, as it would be in production, and the security policy holds.
 */
export async function frameInTeams(
  page: Page,
  { bot, publicUrl, address, theme = 'default' }: { bot: string; publicUrl: string; address: string; theme?: string },
) {
  const said: Said[] = [];
  await page.exposeFunction('heardByTeams', (one: Said) => said.push(one));
  await page.route(`${new URL(publicUrl).origin}/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${bot}${pathname}${search}` }) });
  });
  // Where teams-js looks up which windows it may trust.
  await page.route('https://res.cdn.office.net/**', (route) =>
    route.fulfill({
      headers: { 'access-control-allow-origin': '*' },
      json: { validOrigins: [new URL(teams).host] },
    }),
  );
  await page.route(`${teams}/**`, (route) => route.fulfill({ contentType: 'text/html', body: around(address, theme) }));
  await page.goto(`${teams}/chat`);
  return { said, frame: page.frameLocator('iframe') };
}

const around = (address: string, theme: string) => `<!doctype html>
<html lang="en"><head><title>Teams</title><style>
  body { margin: 0; background: ${theme === 'default' ? '#f5f5f5' : '#1f1f1f'} }
  iframe { border: 0; width: 100vw; height: 100vh }
</style></head><body>
<iframe title="dialog"></iframe>
<script>
  const frame = document.querySelector('iframe');
  const answers = {
    initialize: () => ['task', 'web', JSON.stringify({ apiVersion: 4, isLegacyTeams: false, supports: {
      dialog: { url: { bot: {} } }, pages: {}, logs: {} } }), '2.58.0'],
    getContext: () => [{ locale: 'en-us', theme: ${JSON.stringify(theme)}, entityId: 'dialog', frameContext: 'task' }],
  };
  addEventListener('message', ({ data, source, origin }) => {
    if (source !== frame.contentWindow || !data || typeof data.func !== 'string') return;
    heardByTeams({ func: data.func, args: data.args || [] });
    const answer = answers[data.func];
    if (answer) source.postMessage({ id: data.id, uuid: data.uuid, uuidAsString: data.uuidAsString, args: answer() }, origin);
  });
  frame.src = ${JSON.stringify(address)};
</script></body></html>`;
