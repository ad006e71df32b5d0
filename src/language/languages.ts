/** The languages there are catalogues for; the first is what is spoken where nobody's language is known. */
export const languages = ['en', 'de', 'es', 'fr', 'ja'] as const;
export type Language = (typeof languages)[number];

/** What each is called by those who speak it. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  ja: '日本語',
};

export const isLanguage = (text: unknown): text is Language => (languages as readonly unknown[]).includes(text);

/** The language of a locale such as `de-AT` (BCP 47, as Teams sends it with each activity), if it is one of ours. */
export function languageOf(locale: string | undefined): Language | undefined {
  const [language] = (locale ?? '').toLowerCase().split(/[-_]/);
  return isLanguage(language) ? language : undefined;
}
