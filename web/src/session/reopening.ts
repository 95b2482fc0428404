/** A session that has ended may be opened again: whoever still has its page is in it then. */
import { useEffect } from "preact/hooks";
import { announce } from "../announcer";
import { api, type Session } from "../api";
import { t } from "../words";

const ASK_MS = 5000;

/** Ask now and then whether it is open, as long as somebody looks; `always`: in a window behind others too. */
export function useReopening(
  { session_id }: Session,
  onReopened: (session: Session) => void,
  always: boolean,
): void {
  useEffect(() => {
    const ask = () => {
      if (document.hidden && !always) return;
      api.session(session_id).then(
        (now) => {
          if (now.status !== "open") return;
          announce(t.announcements.reopened);
          onReopened(now);
        },
        () => undefined, // it is asked again
      );
    };
    const timer = setInterval(ask, ASK_MS);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [session_id, onReopened, always]);
}
