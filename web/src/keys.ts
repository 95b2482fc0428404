/** Which key somebody pressed, on whatever keyboard. */

export const onMac = /^(?:Mac|iP)/.test(globalThis.navigator?.platform ?? "");

/** Whether it is a shortcut's: Control with Alt is what some systems make of AltGr, which writes (`ś` on a Polish keyboard). */
export function isMod({
  ctrlKey,
  metaKey,
  altKey,
}: Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "altKey">): boolean {
  return metaKey || (ctrlKey && !altKey);
}

/** The key of a shortcut, in lower case; on a keyboard of another alphabet, what is at that place on a Latin one. */
export function keyOf({ key, code }: Pick<KeyboardEvent, "key" | "code">): string {
  const isOther = /^[^ -~]$/u.test(key);
  return ((isOther && (/^Key(.)$/.exec(code)?.[1] ?? { Period: "." }[code])) || key).toLowerCase();
}
