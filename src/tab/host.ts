import { app, authentication } from '@microsoft/teams-js';

export const themes = ['default', 'dark', 'contrast'] as const;
/** As Teams names them. */
export type ThemeName = (typeof themes)[number];

/** Teams around the page. */
export interface Host {
  theme: ThemeName;
  locale: string;
  /** What a link wants to be shown. */
  subPageId?: string;
  /** Who the reader is, as Teams signs it. `quiet`: nobody is to be asked anything for it. @throws SignOnFailed */
  token(quiet: boolean): Promise<string>;
  open(link: string): Promise<void>;
  onTheme(changed: (theme: ThemeName) => void): void;
  /** Takes Teams' loading screen away: the page is there, or it cannot be. */
  ready(): void;
}

/** Teams did not say who the reader is: somebody has to agree to it first, did not want to, or it went wrong there. */
export class SignOnFailed extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'SignOnFailed';
  }
}

/** A page that is framed has Teams around it, which may be slow to start; any other finds out fast. Milliseconds. */
const patience = { framed: 15_000, alone: 2_000 };

/** Resolves to Teams, or to undefined where the page stands by itself. */
export async function findHost(): Promise<Host | undefined> {
  const framed = window.parent !== window;
  const gaveUp = new Promise<'alone'>((resolve) =>
    setTimeout(() => resolve('alone'), framed ? patience.framed : patience.alone),
  );
  const found = await Promise.race([app.initialize().then(() => app.getContext()), gaveUp]).catch(
    () => 'alone' as const,
  );
  if (found === 'alone') return undefined;
  const { theme, locale } = found.app;
  const subPageId = found.page.subPageId;
  return {
    theme: themeOf(theme),
    locale,
    ...(subPageId && { subPageId }),
    token: (quiet) =>
      authentication.getAuthToken({ silent: quiet }).catch((error: unknown) => {
        throw new SignOnFailed(error);
      }),
    open: (link) => app.openLink(link),
    onTheme: (changed) => app.registerOnThemeChangeHandler((name) => changed(themeOf(name))),
    ready: () => {
      app.notifyAppLoaded();
      app.notifySuccess().catch(() => {});
    },
  };
}

const themeOf = (name: string): ThemeName => themes.find((one) => one === name) ?? 'default';
