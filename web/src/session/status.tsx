/** The status chip: the promise about this person's work, in words. */
import { useState } from "preact/hooks";
import { useValue } from "../observable";
import type { Link, Room } from "./room";

interface Status {
  tone: "good" | "warn" | "bad" | "muted";
  text: string;
  explanation: string;
}

export function statusOf(link: Link, unsaved: number): Status {
  const edits = unsaved === 1 ? "1 edit" : `${unsaved} edits`;
  switch (link.state) {
    case "connecting":
      return { tone: "muted", text: "connecting", explanation: "Reaching the server." };
    case "online": {
      return unsaved === 0
        ? {
            tone: "good",
            text: "saved",
            explanation: "All changes saved: the server has committed every edit you made.",
          }
        : {
            tone: "warn",
            text: "saving",
            explanation: `${edits} on the way. They count as saved once the server has committed them.`,
          };
    }
    case "offline":
      return unsaved === 0
        ? {
            tone: "warn",
            text: "reconnecting",
            explanation:
              "The connection is lost. Everything you wrote is saved; go on writing, it will be sent.",
          }
        : {
            tone: "bad",
            text: `offline, ${edits} kept here`,
            explanation: `The connection is lost. ${edits} are kept in this browser and sent when it is back, even if you close this window.`,
          };
    case "ended":
      return {
        tone: "muted",
        text: "ended",
        explanation: "The session has ended. Everything is kept, nobody writes.",
      };
    case "closed":
      return { tone: "bad", text: "disconnected", explanation: `${link.reason} Reload the page to go on.` };
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
          <span class="long">· {link.roundTripMs} ms</span>
        )}
      </button>
      {open && <span class="status-explained">{status.explanation}</span>}
    </span>
  );
}
