/** No change begins or ends within a character: Yjs would store both halves of a split one as nonsense. */
import {
  type ChangeSpec,
  EditorSelection,
  EditorState,
  type Text,
  Transaction,
} from "@codemirror/state";
import { ySyncAnnotation } from "y-codemirror.next";

const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function isWithin(doc: Text, at: number): boolean {
  return (
    at > 0 &&
    at < doc.length &&
    /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(doc.sliceString(at - 1, at + 1))
  );
}

/** What an input method replaces may share its first half with what comes (😀, 😁), and Vim counts halves: widen those. */
export const wholeCharacters = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return transaction;
  const { doc } = transaction.startState;
  const changes: ChangeSpec[] = [];
  let splits = false;
  transaction.changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    const from = isWithin(doc, fromA) ? fromA - 1 : fromA;
    const to = isWithin(doc, toA) ? toA + 1 : toA;
    const text = inserted.toString();
    const insert = (doc.sliceString(from, fromA) + text + doc.sliceString(toA, to)).replace(
      LONE,
      "",
    );
    splits ||= from !== fromA || to !== toA || insert !== text;
    changes.push({ from, to, insert });
  });
  if (!splits) return transaction;
  const set = transaction.startState.changes(changes);
  const after = set.apply(doc);
  const whole = (at: number) => Math.min(isWithin(after, at) ? at + 1 : at, after.length);
  const { ranges, mainIndex } = transaction.newSelection;
  const userEvent = transaction.annotation(Transaction.userEvent);
  return {
    changes: set,
    selection: EditorSelection.create(
      ranges.map(({ anchor, head }) => EditorSelection.range(whole(anchor), whole(head))),
      mainIndex,
    ),
    effects: transaction.effects,
    scrollIntoView: transaction.scrollIntoView,
    ...(userEvent === undefined ? {} : { userEvent }),
  };
});
