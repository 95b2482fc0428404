/** How one person likes the page: kept in this browser, the same in every session. */
import { recall, remember } from "./remembered";
import { Observable } from "./observable";
import { localeOf, speak } from "./words";

export interface Preferences {
  theme: "system" | "light" | "dark" | "contrast";
  fontSize: number;
  tabSize: number;
  wrap: boolean;
  keys: "default" | "vim" | "emacs";
  locale: "system" | "en" | "es";
}

export const FONT_SIZES = [12, 13, 14, 15, 16, 18, 20, 24] as const;
export const TAB_SIZES = [2, 4, 8] as const;
const PLACE = "pizarra.preferences";
const THEMES = ["system", "light", "dark", "contrast"] as const;
const KEYS = ["default", "vim", "emacs"] as const;
const LOCALES = ["system", "en", "es"] as const;

/** Read what was kept; whatever is not understood is as it was by default. */
export function readPreferences(text: string | null, narrow: boolean): Preferences {
  let kept: Record<string, unknown> = {};
  try {
    kept = (JSON.parse(text ?? "{}") as Record<string, unknown> | null) ?? {};
  } catch {
    // as if nothing was kept
  }
  const one = <T>(choices: readonly T[], value: unknown, otherwise: T): T =>
    choices.includes(value as T) ? (value as T) : otherwise;
  return {
    theme: one(THEMES, kept.theme, "system"),
    fontSize: one(FONT_SIZES as readonly number[], kept.fontSize, 14),
    tabSize: one(TAB_SIZES as readonly number[], kept.tabSize, 4),
    wrap: typeof kept.wrap === "boolean" ? kept.wrap : narrow,
    keys: one(KEYS, kept.keys, "default"),
    locale: one(LOCALES, kept.locale, "system"),
  };
}

const isNarrow = typeof matchMedia !== "undefined" && matchMedia("(max-width: 720px)").matches;

export const preferences = new Observable<Preferences>(readPreferences(recall(PLACE), isNarrow));

export function prefer(change: Partial<Preferences>): void {
  preferences.set({ ...preferences.get(), ...change });
  remember(PLACE, JSON.stringify(preferences.get()));
}

/** Have the page speak the chosen language, now and later. */
export async function followLanguage(): Promise<void> {
  const apply = () => {
    const { locale } = preferences.get();
    return speak(locale === "system" ? localeOf(navigator.languages) : locale);
  };
  preferences.subscribe(() => void apply());
  await apply();
}

/** Have the page follow the chosen theme and size, now and later. */
export function followPreferences(root: HTMLElement): void {
  const apply = () => {
    const { theme, fontSize } = preferences.get();
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    root.style.setProperty("--code-size", `${fontSize}px`);
  };
  apply();
  preferences.subscribe(apply);
}
