/** The status chip: the promise about this person's work, in words. */
import { useState } from "preact/hooks";
import { useValue } from "../observable";
import { t } from "../words";
import type { Link, Room } from "./room";

interface Status {
  tone: "good" | "warn" | "bad" | "muted";
  text: string;
  explanation: string;
}

export function statusOf(link: Link, unsaved: number): Status {
  const words = t.status;
  switch (link.state) {
    case "connecting":
      return { tone: "muted", text: words.connecting, explanation: words.connectingWhy };
    case "online":
      return unsaved === 0
        ? { tone: "good", text: words.saved, explanation: words.savedWhy }
        : { tone: "warn", text: words.saving, explanation: words.savingWhy(unsaved) };
    case "offline":
      return unsaved === 0
        ? { tone: "warn", text: words.reconnecting, explanation: words.reconnectingWhy }
        : { tone: "bad", text: words.offline(unsaved), explanation: words.offlineWhy(unsaved) };
    case "ended":
      return { tone: "muted", text: words.ended, explanation: words.endedWhy };
    case "closed":
      return { tone: "bad", text: words.disconnected, explanation: words.disconnectedWhy(link.reason) };
  }
}

export function StatusChip({ room }: { room: Room }) {
  const link = useValue(room.link);
  const unsaved = useValue(room.unsaved);
  const [open, setOpen] = useState(false);
  const status = statusOf(link, unsaved);
  return (
    <span class="status">
      <button
        type="button"
        class={`chip tone-${status.tone}`}
        aria-expanded={open}
        title={status.explanation}
        onClick={() => setOpen(!open)}
        onBlur={() => setOpen(false)}
      >
        <span class="dot" aria-hidden="true" />
        <span role="status">{status.text}</span>
        {link.state === "online" && unsaved === 0 && link.roundTripMs !== null && (
          <span class="long">· {t.tookMs(link.roundTripMs)}</span>
        )}
      </button>
      {open && <span class="status-explained">{status.explanation}</span>}
    </span>
  );
}
