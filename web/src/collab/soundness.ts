/** Whether a Yjs document still hears: what throws while it takes something in leaves it deaf, or in pieces. */
import * as Y from "yjs";

/** Codes of no server, for a document that broke here: made anew it may be well, but not one that broke as it came. */
export const BROKEN = -1;
export const UNREADABLE = -2;

/**
 * Call `onDeaf` when a document has stopped to tell of its changes: Yjs does so once one of its clean-ups has thrown (the
 * deletion of something nested too deep for the browser's stack, say). From then on even what is typed is told to nobody.
 */
export function watchHearing(doc: Y.Doc, onDeaf: () => void): void {
  let busy = false;
  let told = false;
  const look = () => {
    if (busy && !told) onDeaf();
    told ||= busy;
  };
  doc.on("beforeAllTransactions", () => {
    busy = true;
    queueMicrotask(look); // a transaction is over before anything else happens
  });
  doc.on("afterAllTransactions", () => {
    busy = false;
  });
}

/** How many pieces of this document's own author it has. */
export function ownClock(doc: Y.Doc): number {
  return Y.getState(doc.store, doc.clientID);
}

/** What its own author wrote since `clock`; null when that was nothing, or cannot be had any more. */
export function ownSince(doc: Y.Doc, clock: number): Uint8Array | null {
  if (ownClock(doc) === clock) return null;
  try {
    const known = new Map(
      [...doc.store.clients.keys()].map((id) => [id, Y.getState(doc.store, id)]),
    );
    return Y.encodeStateAsUpdate(doc, Y.encodeStateVector(known.set(doc.clientID, clock)));
  } catch {
    return null;
  }
}
