import type { Frame, FrameLocator, Page } from 'playwright-core';

/** A message of teams-js to the window around its page ("teams-js", internal/communication). */
export interface Said {
  func: string;
  args: unknown[];
}

export interface InTeams {
  /** The page that is framed. */
  address: string;
  /** What reaches the page, and the address that it is to be reached at; without them it is reached as it stands there. */
  bot?: string;
  publicUrl?: string;
  theme?: string;
  locale?: string;
  /** A tab, or a dialog. */
  shownAs?: 'content' | 'task';
  /** What a link to the tab wants to be shown. */
  subPageId?: string;
  /** Who reads, as a token. What it throws is what Teams says of why there is none. */
  signOn?: (asked: { silent: boolean }) => Promise<string>;
  /** The origin of the window around the page. */
  around?: string;
}

/** Teams around a page. */
export interface TeamsHost {
  /** All that teams-js asked for, in its order. */
  said: Said[];
  frame: FrameLocator;
  /** The framed page itself, for what is evaluated in it. */
  inside(): Frame;
  /** Somebody chooses another theme in Teams' settings. */
  become(theme: string): Promise<void>;
}

/** Where Teams is opened, of what teams-js trusts. */
const trusted = ['https://teams.microsoft.com', 'https://teams.cloud.microsoft'] as const;

/**
 * Stands in for Teams around a page of ours: a window at an address that teams-js trusts, which frames the page and answers what
 * teams-js asks, as Teams' clients do. Nothing leaves this machine, and the page's security policy holds.
 */
export async function frameInTeams(page: Page, inTeams: InTeams): Promise<TeamsHost> {
  const { address, bot, publicUrl, theme = 'default', around = trusted[0] } = inTeams;
  const said: Said[] = [];
  await page.exposeFunction('askOfTeams', (one: Said) => {
    said.push(one);
    return answerTo(one, inTeams);
  });
  if (bot && publicUrl)
    await page.route(`${new URL(publicUrl).origin}/**`, async (route) => {
      const { pathname, search } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: `${bot}${pathname}${search}` }) });
    });
  // Where teams-js looks up which windows it may trust.
  await page.route('https://res.cdn.office.net/**', (route) =>
    route.fulfill({
      headers: { 'access-control-allow-origin': '*' },
      json: { validOrigins: trusted.map((origin) => new URL(origin).host) },
    }),
  );
  await page.route(`${around}/**`, (route) => route.fulfill({ contentType: 'text/html', body: windowAround(theme) }));
  await page.goto(`${around}/v2/`);
  // Not before it is listened to: a page that is fast asks at once.
  await page.locator('iframe').evaluate((frame, src) => frame.setAttribute('src', src), address);
  const origin = new URL(publicUrl ?? address).origin;
  return {
    said,
    frame: page.frameLocator('iframe'),
    inside() {
      const inside = page.frames().find((one) => one !== page.mainFrame() && one.url().startsWith(origin));
      if (!inside) throw new Error(`there is no page of ${origin} in the frame`);
      return inside;
    },
    become: (name) => page.evaluate(`tell('themeChange', ${JSON.stringify([name])})`),
  };
}

/** What the arguments of the answer are; undefined: it is not answered, as most messages are not. */
async function answerTo(
  { func, args }: Said,
  { theme = 'default', locale = 'en-us', shownAs = 'task', subPageId, signOn }: InTeams,
): Promise<unknown[] | undefined> {
  switch (func) {
    case 'initialize': {
      const supports = { pages: {}, logs: {}, ...(shownAs === 'task' && { dialog: { url: { bot: {} } } }) };
      return [shownAs, 'web', JSON.stringify({ apiVersion: 4, isLegacyTeams: false, supports }), '2.58.0'];
    }
    case 'getContext':
      return [{ locale, theme, entityId: 'board', subEntityId: subPageId, frameContext: shownAs }];
    case 'authentication.getAuthToken':
      if (!signOn) return [false, 'resourceDisabled'];
      // The arguments are resources, claims, silent and the tenant.
      return signOn({ silent: args[2] === true }).then(
        (token) => [true, token],
        (error) => [false, error.message],
      );
    case 'executeDeepLink':
      return [true];
    default:
      return undefined;
  }
}

/** Its frame gives the page no rights of its own: not to write into the clipboard, for one. */
const windowAround = (theme: string) => `<!doctype html>
<html lang="en"><head><title>Teams</title><style>
  body { margin: 0; background: ${theme === 'default' ? '#f5f5f5' : '#1f1f1f'} }
  iframe { display: block; border: 0; width: 100vw; height: 100vh }
</style></head><body>
<iframe title="app"></iframe>
<script>
  const frame = document.querySelector('iframe');
  let origin;
  const tell = (func, args) => frame.contentWindow.postMessage({ func, args }, origin);
  addEventListener('message', async ({ data, source, origin: from }) => {
    if (source !== frame.contentWindow || !data || typeof data.func !== 'string') return;
    origin = from;
    const args = await askOfTeams({ func: data.func, args: data.args || [] });
    if (args) source.postMessage({ id: data.id, uuid: data.uuid, uuidAsString: data.uuidAsString, args }, from);
  });
</script></body></html>`;
