/** The code of an instant in CodeMirror: read only, changed as little as possible when the instant changes. */
import { unifiedMergeView } from "@codemirror/merge";
import { Compartment, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { colorOf } from "../session/colors";
import { type NamedCaret, namedCarets } from "../session/carets";
import { openViewer } from "../session/editor";
import { difference } from "../difference";

type Stretch = { from: number; to: number; author: string | null };

const setBlame = StateEffect.define<readonly Stretch[]>();

const blameField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setBlame)) continue;
      const builder = new RangeSetBuilder<Decoration>();
      for (const { from, to, author } of effect.value)
        if (author !== null && to > from)
          builder.add(from, to, Decoration.mark({ class: `blamed peer-${colorOf(author)}` }));
      return builder.finish();
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const setCarets = StateEffect.define<readonly NamedCaret[]>();

const caretField = StateField.define<readonly NamedCaret[]>({
  create: () => [],
  update(carets, transaction) {
    const set = transaction.effects.find((effect) => effect.is(setCarets));
    const end = transaction.newDoc.length;
    const now = (at: number) => (set ? Math.min(at, end) : transaction.changes.mapPos(at));
    return ((set?.value ?? carets) as readonly NamedCaret[]).map((caret) => ({
      ...caret,
      at: now(caret.at),
    }));
  },
  provide: (field) => namedCarets((view) => view.state.field(field)),
});

export class CodeView {
  readonly #view: EditorView;
  readonly #comparison = new Compartment();

  constructor(parent: HTMLElement, path: string, language: string) {
    this.#view = openViewer(path, "", language, parent);
    this.#view.dispatch({
      effects: StateEffect.appendConfig.of([blameField, caretField, this.#comparison.of([])]),
    });
  }

  /** Show a text; with `follow` the place that changed is scrolled to. */
  show(text: string, blame: readonly Stretch[], follow: boolean): void {
    const old = this.#view.state.doc.toString();
    const change = difference(old, text);
    const effects: StateEffect<unknown>[] = [setBlame.of(blame)];
    if (change === null) {
      this.#view.dispatch({ effects });
      return;
    }
    const at = change.from + change.insert.length;
    if (follow && old !== "")
      effects.push(EditorView.scrollIntoView(Math.min(at, text.length), { y: "center" }));
    this.#view.dispatch({ changes: change, effects });
  }

  /** Show where people are; with `follow` that place is scrolled to. */
  showCarets(carets: readonly NamedCaret[], follow: number | null): void {
    const effects: StateEffect<unknown>[] = [setCarets.of(carets)];
    if (follow !== null)
      effects.push(
        EditorView.scrollIntoView(Math.min(follow, this.#view.state.doc.length), { y: "center" }),
      );
    this.#view.dispatch({ effects });
  }

  /** Show what changed since another text; null: nothing is compared. */
  compare(original: string | null): void {
    const extension =
      original === null
        ? []
        : unifiedMergeView({ original, mergeControls: false, highlightChanges: true });
    this.#view.dispatch({ effects: this.#comparison.reconfigure(extension) });
  }

  destroy(): void {
    this.#view.destroy();
  }
}
