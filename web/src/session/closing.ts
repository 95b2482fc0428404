/** Why the server closed the connection for good, in a sentence. */
import { CloseCode } from "../collab/close-codes.gen";
import { BROKEN, UNREADABLE } from "../collab/soundness";
import { t } from "../words";

export function whyClosed(code: number, detail: string): string {
  const what = reasonOf(code);
  // What the socket's library says is nobody's language.
  const more = code >= 4400 && detail && t.said(detail);
  // The server may say nothing else than the code does.
  return more && more.toLowerCase() !== what.toLowerCase() ? `${what}: ${more}.` : `${what}.`;
}

function reasonOf(code: number): string {
  const words = t.session.final;
  const told = code as CloseCode | typeof BROKEN | typeof UNREADABLE;
  switch (told) {
    case CloseCode.TOO_LARGE:
      return words.tooLarge;
    case CloseCode.MALFORMED:
      return words.refused;
    case CloseCode.NOT_ALLOWED:
      return words.notIn;
    case CloseCode.READ_ONLY:
      return words.readOnly;
    case CloseCode.UNKNOWN_ROOM:
      return words.gone;
    case CloseCode.EPOCH_MISMATCH:
      return words.replaced;
    case BROKEN:
      return words.broken;
    case UNREADABLE:
      return words.unreadable;
    case CloseCode.GOING_AWAY: // these two connect anew, and the end has a screen of its own
    case CloseCode.TRY_AGAIN:
    case CloseCode.SESSION_ENDED:
      return words.closed;
    default:
      told satisfies never;
      return words.closed; // a newer server's
  }
}
