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
  /** Who the reader is, as Teams signs it. @throws SignOnFailed */
  token(): Promise<string>;
  open(link: string): Promise<void>;
  onTheme(changed: (theme: ThemeName) => void): void;
  /** Takes Teams' loading screen away: the page is there, or it cannot be. */
  ready(): void;
  failed(why: string): void;
}

/** Teams did not say who the reader is. `consent`: somebody has to agree to it first. */
export class SignOnFailed extends Error {
  readonly consent: boolean;
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'SignOnFailed';
    this.consent = /consent|grant|CancelledByUser|FailedToOpenWindow|interaction/i.test(this.message);
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
    token: () =>
      authentication.getAuthToken().catch((error: unknown) => {
        throw new SignOnFailed(error);
      }),
    open: (link) => app.openLink(link),
    onTheme: (changed) => app.registerOnThemeChangeHandler((name) => changed(themeOf(name))),
    ready: () => {
      app.notifyAppLoaded();
      app.notifySuccess().catch(() => {});
    },
    failed: (message) => app.notifyFailure({ reason: app.FailedReason.Other, message }),
  };
}

const themeOf = (name: string): ThemeName => themes.find((one) => one === name) ?? 'default';
