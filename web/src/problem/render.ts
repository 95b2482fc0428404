/** Statements in Markdown as elements: what is made of them is sanitised all the same, and links open apart. */
import DOMPurify from "dompurify";
import { fetched } from "../parts";
import { problemWords } from "../words/problem";
import { type Images, toHtml } from "./markdown";

const ALLOWED = {
  ALLOWED_TAGS: [
    ...["p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "br"],
    ...["em", "strong", "s", "a", "span", "table", "thead", "tbody", "tr", "th", "td", "img"],
  ],
  ALLOWED_ATTR: ["href", "class", "start", "align", "target", "rel", "src", "alt"],
  ADD_URI_SAFE_ATTR: ["align", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  RETURN_DOM_FRAGMENT: true as const,
};

/** Each is a dozen elements. */
const MOST_FORMULAS = 1000;

/** Another window that knows nothing of this one, and is told nothing of it. */
const APART = ["noopener", "noreferrer", "nofollow"];

const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,/;

DOMPurify.addHook("afterSanitizeAttributes", (element) => {
  // A picture comes with its statement, and from nowhere else.
  if (element.tagName === "IMG" && !PICTURE.test(element.getAttribute("src") ?? ""))
    element.remove();
  if (element.tagName !== "A") return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", APART.join(" "));
});

/** Show a statement in a place, instead of what stands there. */
export function render(text: string, place: HTMLElement, images: Images = {}): void {
  const html = toHtml(text, images, problemWords().tooLarge);
  place.replaceChildren(DOMPurify.sanitize(html, ALLOWED));
  // Those beyond stand as they were written.
  const formulas = [...place.querySelectorAll<HTMLElement>(".math, .math-display")].slice(
    0,
    MOST_FORMULAS,
  );
  if (formulas.length > 0)
    void fetched(
      () => import("./math"),
      () => undefined,
    ).then(({ set }) => formulas.forEach(set));
}
