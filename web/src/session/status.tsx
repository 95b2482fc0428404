/** The status chip: the promise about this person's work, in words. */
import { useEffect, useState } from "preact/hooks";
import { useValue } from "../observable";
import { Popover } from "../popover";
import { t } from "../words";
import type { Keeping } from "../collab/outbox";
import type { Link, Room } from "./room";

interface Status {
  tone: "good" | "warn" | "bad" | "muted";
  text: string;
  explanation: string;
}

/** What the chip says; `kept` is whether the browser keeps what is unsaved, `waits` whether some of it cannot be sent. */
export function statusOf(link: Link, unsaved: number, kept: Keeping, waits = false): Status {
  const words = t.status;
  const lost = unsaved > 0 && !kept ? ` ${words.notKept}` : "";
  switch (link.state) {
    case "connecting":
      return { tone: "muted", text: words.connecting, explanation: words.connectingWhy };
    case "online":
      if (unsaved === 0 && waits)
        return { tone: "warn", text: words.waits, explanation: words.waitsWhy };
      return unsaved === 0
        ? { tone: "good", text: words.saved, explanation: words.savedWhy }
        : { tone: "warn", text: words.saving, explanation: words.savingWhy(unsaved) + lost };
    case "offline":
      if (unsaved === 0)
        return { tone: "warn", text: words.reconnecting, explanation: words.reconnectingWhy };
      return kept
        ? {
            tone: "bad",
            text: words.offline(unsaved),
            explanation: words[kept === true ? "offlineWhy" : "offlineLittle"](unsaved),
          }
        : { tone: "bad", text: words.unsent(unsaved), explanation: words.unsentWhy + lost };
    case "ended":
      return { tone: "muted", text: words.ended, explanation: words.endedWhy };
    case "closed":
      return {
        tone: "bad",
        text: words.disconnected,
        explanation: words.disconnectedWhy(link.reason) + lost,
      };
  }
}

/** What lasts less long is nothing to say: with each key it is saving, then saved. */
const LASTING_MS = 1500;

/** What the chip says, once it has been so for a while; that the connection is another, at once. */
function useLasting(text: string, state: Link["state"]): string {
  const [lasting, setLasting] = useState(text);
  useEffect(() => setLasting(text), [state]);
  useEffect(() => {
    const timer = setTimeout(() => setLasting(text), LASTING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return lasting;
}

export function StatusChip({ room }: { room: Room }) {
  const link = useValue(room.link);
  const unsaved = useValue(room.unsaved);
  const kept = useValue(room.kept);
  const [open, setOpen] = useState(false);
  const waits = useValue(room.withheld.parts).length > 0;
  const status = statusOf(link, unsaved, kept, waits);
  const lasting = useLasting(status.text, link.state);
  const quick = link.state === "online" && unsaved === 0 && !waits ? link.roundTripMs : null;
  // Whatever replaces text in the page (a translator does) may take a piece of text away from us: each is in an element of
  // its own that a change replaces, and the state stands in attributes too.
  return (
    <span
      class="status"
      translate={false}
      data-state={link.state}
      data-unsaved={unsaved}
      data-kept={kept}
    >
      <button
        type="button"
        class={`chip tone-${status.tone}`}
        aria-label={status.text}
        aria-expanded={open}
        title={status.explanation}
        onClick={() => setOpen(!open)}
        onBlur={() => setOpen(false)}
        onKeyDown={({ key }) => key === "Escape" && setOpen(false)}
      >
        <span class="dot" aria-hidden="true" />
        <span key={status.text}>{status.text}</span>
        {/* No text: what one sees of a button is in its name, and a translator leaves it alone. */}
        {quick !== null && (
          <span class="long chip-took" aria-hidden="true" data-took={`· ${t.tookMs(quick)}`} />
        )}
      </button>
      <span class="status-said" role="status" aria-label={lasting}>
        <span key={lasting}>{lasting}</span>
      </span>
      {open && (
        <Popover key={status.explanation} class="status-explained">
          {status.explanation}
        </Popover>
      )}
    </span>
  );
}
