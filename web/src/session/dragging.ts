/** What one drags to another place goes there as it is when it is dropped: others may have written into it meanwhile. */
import { EditorState } from "@codemirror/state";

/** The browser drops what was picked up; without this, what came into it since would be gone. */
export const draggedAsItIs = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.isUserEvent("move.drop")) return transaction;
  const { startState } = transaction;
  let [from, to, at, picked] = [0, 0, -1, ""];
  transaction.changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    if (inserted.length > 0) [at, picked] = [fromA, inserted.toString()];
    if (toA > fromA) [from, to] = [fromA, toA];
  });
  const text = startState.sliceDoc(from, to);
  // Beside itself it stays where it is; without a place it was not dropped here.
  if (text === picked || at < 0 || (at >= from && at <= to)) return transaction;
  const changes = startState.changes([
    { from, to },
    { from: at, insert: text },
  ]);
  const selection = { anchor: changes.mapPos(at, -1), head: changes.mapPos(at, 1) };
  return { changes, selection, scrollIntoView: true, userEvent: "move.drop" };
});
