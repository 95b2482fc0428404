/** The language the page speaks: `t` has its words; they change for everybody who looks when another is chosen. */
import { serverNow } from "./clock";
import { Observable } from "./observable";
import { en, type Words } from "./words/en";

export type Locale = "en" | "es";

export const locale = new Observable<Locale>("en");

/** The words of the language chosen now. Read it while rendering, not once. */
export let t: Words = en;

export async function speak(wanted: Locale): Promise<void> {
  t = wanted === "es" ? (await import("./words/es")).es : en;
  if (typeof document !== "undefined") document.documentElement.lang = wanted;
  locale.set(wanted);
}

/** Which language somebody wants who has not chosen one. */
export function localeOf(languages: readonly string[]): Locale {
  for (const each of languages) {
    const [language] = each.toLowerCase().split("-");
    if (language === "en" || language === "es") return language;
  }
  return "en";
}

/** How dates, hours and numbers are written: in the page's language, as where the browser is from. */
export function region(): string {
  const own = navigator.languages.find((each) => each.toLowerCase().startsWith(locale.get()));
  return own ?? locale.get();
}

/** How long ago something was: "3 minutes ago". */
export function ago(instant: string, now = serverNow()): string {
  const seconds = (now - Date.parse(instant)) / 1000;
  const format = new Intl.RelativeTimeFormat(locale.get(), { numeric: "auto" });
  if (seconds < 60) return t.justNow;
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86_400) return format.format(-Math.round(seconds / 3600), "hour");
  return format.format(-Math.round(seconds / 86_400), "day");
}

/** An instant as people write it. */
export function when(instant: string): string {
  return new Date(instant).toLocaleString(region(), {
    dateStyle: "medium",
    timeStyle: "short",
  });
}

/** A span of time: "4:07", "1:04:07"; before the beginning it has a minus. */
export function span(seconds: number): string {
  if (seconds <= -0.5) return `−${span(-seconds)}`;
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown
    .map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, "0")))
    .join(":");
}
