/** Private thinking time: interviewers' pages hide the editor until it is over, or the candidate shows it. */
import "../styles/thinking.css";
import { useEffect, useState } from "preact/hooks";
import { announce } from "../announcer";
import { type ApiError, api, type Session } from "../api";
import { toast } from "../toast";
import { span, t } from "../words";
import { panelWords } from "../words/panels";
import type { Room } from "./room";

const MINUTES = [2, 5, 10] as const;

/** What stands where the editor is, for interviewers. */
export function Veil({ room, left }: { room: Room; left: number }) {
  return (
    <section class="files veil" aria-label={t.session.code}>
      <h2>{panelWords().thinking.thinkingVeil(span(left))}</h2>
      <p>{panelWords().thinking.thinkingVeilWhy}</p>
      <button type="button" onClick={() => room.ask({ type: "thinking.end" })}>
        {panelWords().thinking.thinkingEnd}
      </button>
    </section>
  );
}

/** What the candidate is told meanwhile. */
export function ThinkingBanner({ room, left }: { room: Room; left: number }) {
  useEffect(() => {
    announce(t.announcements.thinking);
    return () => announce(t.announcements.thinkingOver);
  }, []);
  return (
    <p class="banner">
      {panelWords().thinking.thinkingYours(span(left))}{" "}
      <button
        type="button"
        onClick={() => {
          if (!room.ask({ type: "thinking.end" })) return;
          document.querySelector<HTMLElement>(".cm-content")?.focus(); // the button goes
        }}
      >
        {panelWords().thinking.thinkingShow}
      </button>
    </p>
  );
}

/** An interviewer gives thinking time. */
export function ThinkingControl({ session }: { session: Session }) {
  const [minutes, setMinutes] = useState(5);
  const start = () =>
    api
      .update(session.session_id, { thinking_seconds: minutes * 60 })
      .catch((error: ApiError) => toast(error.message));
  return (
    <span class="row-actions">
      <select
        aria-label={panelWords().thinking.thinking}
        value={String(minutes)}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      >
        {MINUTES.map((each) => (
          <option key={each} value={String(each)}>
            {panelWords().thinking.thinkingMinutes(each)}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => void start()}>
        {panelWords().thinking.thinkingStart}
      </button>
    </span>
  );
}
