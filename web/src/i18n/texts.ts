import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "strata.language";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

function preferred(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language.slice(0, 2);
  return chosen in LANGUAGES ? (chosen as Language) : "en";
}

/** Start with English and the person's language; other languages load when they are chosen. */
export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await speak(preferred());
}

/** Change the language and remember it. */
export async function speak(language: Language): Promise<void> {
  if (language === "de" && !i18next.hasResourceBundle("de", "translation")) {
    const [{ de }, { problems }] = await Promise.all([import("./de"), import("./problems.de")]);
    i18next.addResourceBundle("de", "translation", de);
    i18next.addResourceBundle("de", "problems", problems);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Change the language because the person chose so. */
export async function choose(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await speak(language);
}
