/** Spaces that look like one and are none to a program: pasted from a web page, typed with Alt held a moment too long. */
import type { Extension } from "@codemirror/state";
import { highlightSpecialChars } from "@codemirror/view";
import { panelWords } from "../words/panels";

const STRANGE = "\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f";
const IS_STRANGE = new RegExp(`[${STRANGE}]`);

/** Show them for what they are, as the editor shows what cannot be seen at all. */
export function strangeSpaces(): Extension {
  return highlightSpecialChars({
    addSpecialChars: new RegExp(`[${STRANGE}]`, "g"),
    render: (code, _description, placeholder) => {
      const isStrange = IS_STRANGE.test(String.fromCodePoint(code));
      const point = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
      const sign = document.createElement("span");
      sign.className = "cm-specialChar";
      sign.textContent = isStrange ? "·" : placeholder;
      sign.title = isStrange
        ? panelWords().code.strangeSpace(point)
        : panelWords().code.unseen(point);
      sign.role = "img";
      sign.ariaLabel = sign.title;
      return sign;
    },
  });
}
