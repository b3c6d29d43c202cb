import i18next from "i18next";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size as people write it in their language. */
export function bytes(count: number): string {
  const power = count < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const unit = UNITS[power] ?? "byte";
  const value = count / 1_000 ** power;
  const digits = power > 0 && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(i18next.language, {
    style: "unit",
    unit,
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: digits,
  }).format(value);
}

/** "3 minutes ago" in the person's language. */
export function ago(moment: string, now = Date.now()): string {
  const seconds = (new Date(moment).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(i18next.language, { numeric: "auto" });
  for (const [unit, length] of [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const)
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  return format.format(Math.round(Math.min(seconds, 0)), "second");
}

/** A moment with its day and time in the person's language and time zone. */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat(i18next.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}
