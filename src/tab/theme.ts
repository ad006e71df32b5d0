import { type Theme, teamsDarkTheme, teamsHighContrastTheme, teamsLightTheme } from '@fluentui/react-components';
import type { ThemeName } from './host.ts';

export const fluent: Record<ThemeName, Theme> = {
  default: teamsLightTheme,
  dark: teamsDarkTheme,
  contrast: teamsHighContrastTheme,
};

/** In development each theme can be looked at: `?theme=dark`. Anybody else's is what their system prefers. */
export function themeOutside(): ThemeName {
  const asked = new URLSearchParams(location.search).get('theme');
  if (asked === 'dark' || asked === 'contrast' || asked === 'default') return asked;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'default';
}
