/** What an editor is told by what it stands in. */
export interface EditorOptions {
  readOnly: boolean;
  onRun: () => void;
  onStop: () => void;
  onFormat: () => void;
  /** Where to ask a language server about this file; null when there is none. */
  asks: () => string | null;
  /** Alt+click: show the others this place. */
  onPoint: (from: number, to: number) => void;
  onPointSelection: () => void;
  /** This person types or clicks here: they go their own way. */
  onOwnMove: () => void;
}
