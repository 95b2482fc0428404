/**
 * Named carets, in a layer over the code: no part of the text, so that no line breaks elsewhere for them, and nobody who
 * has it read to them hears a name in the midst of a word.
 */
import { EditorSelection, type Extension } from "@codemirror/state";
import { EditorView, layer, RectangleMarker } from "@codemirror/view";

export interface NamedCaret {
  at: number;
  name: string;
  color: number;
}

/** As near as a mouse must be to a caret to have its name shown. */
const NEAR_PX = 4;
/** A name needs so much above its caret, and about so much for each of its letters. */
const NAME_PX = 15;
const LETTER_PX = 7;

class CaretMarker extends RectangleMarker {
  constructor(
    readonly caret: NamedCaret,
    { left, top, height }: RectangleMarker,
    readonly edges: string,
    readonly beside: number,
  ) {
    super("peer-caret", left, top, null, height);
  }

  override eq(other: CaretMarker): boolean {
    return super.eq(other) && this.#isNamedAs(other) && other.caret.at === this.caret.at;
  }

  override draw(): HTMLDivElement {
    const element = super.draw();
    this.#label(element);
    return element;
  }

  // A caret that moved shows its name again for a while, then leaves the code alone.
  override update(element: HTMLElement, before: CaretMarker): boolean {
    if (!this.#isNamedAs(before) || !super.update(element, before)) return false;
    if (before.caret.at !== this.caret.at) this.#label(element);
    return true;
  }

  #isNamedAs({ caret, edges, beside }: CaretMarker): boolean {
    const { name, color } = this.caret;
    const isThere = edges === this.edges && beside === this.beside;
    return caret.name === name && caret.color === color && isThere;
  }

  #label(element: HTMLElement): void {
    const label = document.createElement("span");
    label.className = `peer-name ${this.edges}`;
    label.textContent = this.caret.name;
    label.style.setProperty("--beside", `${this.beside}px`);
    element.classList.add(`peer-${this.caret.color}`);
    element.replaceChildren(label);
  }
}

/** Show carets; `find` returns them as they are now. */
export function namedCarets(find: (view: EditorView) => readonly NamedCaret[]): Extension {
  const markers = (view: EditorView) => {
    const named = new Map<number, number>();
    return find(view).flatMap((caret) => {
      const [place] = RectangleMarker.forRange(view, "", EditorSelection.cursor(caret.at));
      // Who is at the same place has their name beside the other.
      const beside = named.get(caret.at) ?? 0;
      named.set(caret.at, beside + widthOf(caret));
      return place
        ? [new CaretMarker(caret, place, edgesAt(view, caret, place, beside), beside)]
        : [];
    });
  };
  return [
    layer({ above: true, class: "peer-carets", update: () => true, markers }),
    EditorView.domEventHandlers({ mousemove: (mouse, view) => nameNear(mouse, view) }),
  ];
}

/** Say in classes where a name goes that would be cut off above its caret, or to the right of it. */
function edgesAt(
  { scrollDOM }: EditorView,
  caret: NamedCaret,
  place: RectangleMarker,
  beside: number,
): string {
  const { scrollLeft, scrollTop, clientWidth } = scrollDOM;
  const right = place.left + beside + widthOf(caret);
  const below = place.top - NAME_PX < scrollTop ? "peer-name-below" : "";
  return right > scrollLeft + clientWidth ? `${below} peer-name-left` : below;
}

function widthOf({ name }: NamedCaret): number {
  return NAME_PX + name.length * LETTER_PX;
}

/** The layer lets the mouse through to the code: what is under it is found by hand. */
function nameNear(mouse: MouseEvent, view: EditorView): void {
  for (const caret of view.scrollDOM.querySelectorAll(".peer-caret")) {
    const { left, top, bottom } = caret.getBoundingClientRect();
    const { clientX: x, clientY: y } = mouse;
    const isNear = Math.abs(x - left) <= NEAR_PX && y >= top && y <= bottom;
    caret.classList.toggle("peer-caret-near", isNear);
  }
}
