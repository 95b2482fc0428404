/** A field that the server refused, as whoever filled a form in knows it: by its label, marked, and with the keyboard. */
import type { ApiError } from "./api";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLFieldSetElement;

/** What was refused, where the form has it. */
export interface Refused {
  text: string;
  control: Control | null;
}

/** Say what is wrong with what was sent by a form; its controls are named as the API's fields. */
export function refusedIn(form: EventTarget | null, error: ApiError): Refused {
  let first: Control | null = null;
  const said = (error.fields ?? []).map(({ field, message }) => {
    const control = form instanceof HTMLFormElement ? controlOf(form, field) : null;
    first ??= control;
    return `${(control && labelOf(control)) ?? field}: ${message}`;
  });
  const isWhole = error.fields?.every(({ message }) => message === error.message);
  return { text: first === null || isWhole ? error.message : said.join("; "), control: first };
}

/** What is said of a refused request that is no form: where it had one field, people see which. */
export function saidOf(error: ApiError): string {
  const [only, ...more] = error.fields ?? [];
  if (only === undefined || more.length > 0) return error.message;
  return only.message.charAt(0).toUpperCase() + only.message.slice(1);
}

/** The control of a field, or of what the field is a part of: `steps.0.name` may stand in `steps`. */
function controlOf(form: HTMLFormElement, field: string): Control | null {
  for (let name = field; name !== ""; name = name.slice(0, Math.max(name.lastIndexOf("."), 0))) {
    const found = form.elements.namedItem(name);
    if (found instanceof Element) return found as Control;
  }
  return null;
}

function labelOf(control: Control): string | null {
  const label =
    control instanceof HTMLFieldSetElement ? control.querySelector("legend") : control.labels?.[0];
  if (!label) return control.getAttribute("aria-label");
  // Its own words come first; a hint may follow.
  const texts = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent?.trim();
    if (text) return text;
  }
  return null;
}

/** Go to a control; of a group, to its first. */
export function goTo(control: Control): void {
  const isGroup = control instanceof HTMLFieldSetElement;
  (isGroup ? control.querySelector<HTMLElement>("input, select, textarea") : control)?.focus();
}

/** Mark a control as refused until it is changed; what is said of it, wherever that stands, describes it. */
export function mark(control: Control): void {
  const closed = control.closest("details");
  if (closed) closed.open = true;
  const { form } = control;
  const why = (form?.parentElement ?? form)?.querySelector<HTMLElement>(".problem[role=alert]");
  if (why) {
    why.id ||= `why-${control.name}`;
    control.setAttribute("aria-describedby", why.id);
  }
  control.setAttribute("aria-invalid", "true");
  const changed = () => {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  };
  control.addEventListener("input", changed, { once: true });
}
