import { teamsDarkTheme, teamsHighContrastTheme, teamsLightTheme } from '@fluentui/react-components';

/** The themes that Teams has. */
export const themeNames = ['light', 'dark', 'contrast'] as const;
export type ThemeName = (typeof themeNames)[number];

const tokens = { light: teamsLightTheme, dark: teamsDarkTheme, contrast: teamsHighContrastTheme } as const;

interface Palette {
  card: string;
  chat: string;
  text: string;
  subtle: string;
  line: string;
  accent: string;
  good: string;
  warning: string;
  attention: string;
  /** What stands behind a container of a style. */
  behind: { emphasis: string; accent: string; good: string; warning: string; attention: string };
  button: { text: string; behind: string; line: string };
  positive: { text: string; behind: string };
  destructive: { text: string; behind: string };
}

/** A theme in the colours of Fluent UI's own theme for Teams; in high contrast a container is told by its line alone. */
export function paletteOf(theme: ThemeName): Palette {
  const of = tokens[theme];
  const flat = theme === 'contrast';
  const behind = (colour: string) => (flat ? of.colorNeutralBackground1 : colour);
  const ink = (colour: string) => (flat ? of.colorNeutralForeground1 : colour);
  return {
    card: of.colorNeutralBackground1,
    chat: of.colorNeutralBackground3,
    text: of.colorNeutralForeground1,
    subtle: ink(of.colorNeutralForeground3),
    line: of.colorNeutralStroke2,
    accent: flat ? of.colorBrandForegroundLink : of.colorBrandForeground1,
    good: ink(of.colorPaletteGreenForeground1),
    warning: ink(theme === 'light' ? '#835c00' : of.colorPaletteYellowForeground2),
    attention: ink(of.colorPaletteRedForeground1),
    behind: {
      emphasis: behind(of.colorNeutralBackground3),
      accent: behind(of.colorBrandBackground2),
      good: behind(of.colorStatusSuccessBackground1),
      warning: behind(of.colorStatusWarningBackground1),
      attention: behind(of.colorStatusDangerBackground1),
    },
    button: { text: of.colorNeutralForeground1, behind: of.colorNeutralBackground1, line: of.colorNeutralStroke1 },
    positive: { text: of.colorNeutralForegroundOnBrand, behind: of.colorBrandBackground },
    destructive: flat
      ? { text: of.colorNeutralForeground1, behind: of.colorNeutralBackground1 }
      : { text: '#ffffff', behind: theme === 'light' ? '#c4314b' : '#a72037' },
  };
}

const fontFamily = "'Segoe UI', Selawik, 'Noto Sans', 'Liberation Sans', system-ui, sans-serif";

/** A host config as Teams' clients show cards: its sizes, spacings and limits, in the colours of a theme. */
export function hostConfigOf(theme: ThemeName): object {
  const palette = paletteOf(theme);
  const both = (colour: string) => ({ default: colour, subtle: colour });
  const foregroundColors = {
    default: { default: palette.text, subtle: palette.subtle },
    dark: both(palette.text),
    light: both(palette.card),
    accent: both(palette.accent),
    good: both(palette.good),
    warning: both(palette.warning),
    attention: both(palette.attention),
  };
  const container = (backgroundColor: string) => ({ backgroundColor, foregroundColors, borderColor: palette.line });
  const font = (family: string) => ({
    fontFamily: family,
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 400, default: 400, bolder: 600 },
  });
  return {
    supportsInteractivity: true,
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: palette.line },
    imageSizes: { small: 32, medium: 52, large: 100 },
    fontTypes: { default: font(fontFamily), monospace: font("Consolas, 'Liberation Mono', monospace") },
    lineHeights: { small: 16, default: 20, medium: 20, large: 24, extraLarge: 32 },
    textStyles: { heading: { size: 'large', weight: 'bolder' } },
    textBlock: { headingLevel: 2 },
    containerStyles: {
      default: container(palette.card),
      ...Object.fromEntries(Object.entries(palette.behind).map(([style, colour]) => [style, container(colour)])),
    },
    inputs: {
      label: {
        inputSpacing: 'small',
        requiredInputs: { weight: 'bolder', suffix: ' *', suffixColor: 'attention' },
        optionalInputs: { weight: 'bolder' },
      },
      errorMessage: { color: 'attention', weight: 'default', size: 'small' },
    },
    factSet: { title: { weight: 'bolder', wrap: true, maxWidth: 150 }, value: { wrap: true }, spacing: 16 },
    actions: {
      maxActions: 6,
      spacing: 'medium',
      buttonSpacing: 8,
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
      allowTitleToWrap: false,
      showCard: { actionMode: 'inline', inlineTopMargin: 16 },
    },
  };
}

/** What the renderer leaves to its host: the frame of a card, its buttons and inputs. */
export function styleOf(theme: ThemeName): string {
  const { card, chat, text, subtle, line, accent, attention, button, positive, destructive } = paletteOf(theme);
  const of = `.theme-${theme}`;
  const framed =
    theme === 'contrast'
      ? `${of} .ac-container[style*="background-color"]:not(.ac-adaptiveCard) { border: 1px solid ${text}; }`
      : '';
  return `
${of} { background: ${chat}; color: ${text}; }
${of} .card { background: ${card}; border: 1px solid ${line}; border-radius: 8px; box-sizing: border-box; overflow: hidden; }
${of} .ac-container[style*="background-color"] { border-radius: 4px; }
${framed}
${of} a { color: ${accent}; }
${of} .ac-pushButton { font: 600 14px/20px ${fontFamily}; color: ${button.text}; background: ${button.behind}; border: 1px solid ${button.line}; border-radius: 4px; padding: 5px 12px; min-height: 32px; cursor: pointer; max-width: 100%; }
${of} .ac-pushButton.style-positive { color: ${positive.text}; background: ${positive.behind}; border-color: transparent; }
${of} .ac-pushButton.style-destructive { color: ${destructive.text}; background: ${destructive.behind}; border-color: ${theme === 'contrast' ? button.line : 'transparent'}; }
${of} .ac-input { font: 14px/20px ${fontFamily}; color: ${text}; }
${of} input.ac-input, ${of} textarea.ac-input, ${of} select.ac-input { background: ${theme === 'contrast' ? card : chat}; border: 1px solid ${button.line}; border-bottom-color: ${subtle}; border-radius: 4px; padding: 5px 10px; min-height: 32px; box-sizing: border-box; width: 100%; }
${of} textarea.ac-input { min-height: 72px; resize: vertical; }
${of} ::placeholder { color: ${subtle}; opacity: 1; }
${of} .ac-input.ac-input-validation-failed { border-color: ${attention}; }
${of} .ac-input input { accent-color: ${positive.behind}; }
${of} .ac-choiceSetInput-expanded, ${of} .ac-choiceSetInput-multiSelect { display: flex; flex-direction: column; gap: 4px; }
`;
}
