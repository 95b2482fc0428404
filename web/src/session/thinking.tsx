/** Private thinking time: interviewers' pages hide the editor until it is over, or the candidate shows it. */
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type Session } from "../api";
import { useValue } from "../observable";
import { toast } from "../toast";
import { span, t } from "../words";
import type { Room } from "./room";

const MINUTES = [2, 5, 10] as const;

/** Seconds left of the thinking time, or 0; renders again each second and when it is over. */
export function useThinking(room: Room): number {
  const until = useValue(room.thinkingUntil);
  const left = until === null ? 0 : Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000));
  const [, tick] = useState(0);
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => tick((turn) => turn + 1), 1000);
    return () => clearTimeout(timer);
  });
  return left;
}

/** What stands where the editor is, for interviewers. */
export function Veil({ room, left }: { room: Room; left: number }) {
  return (
    <section class="files veil" aria-label={t.session.code}>
      <h2>{t.hosting.thinkingVeil(span(left))}</h2>
      <p>{t.hosting.thinkingVeilWhy}</p>
      <button type="button" onClick={() => room.send({ type: "thinking.end" })}>
        {t.hosting.thinkingEnd}
      </button>
    </section>
  );
}

/** What the candidate is told meanwhile. */
export function ThinkingBanner({ room, left }: { room: Room; left: number }) {
  return (
    <p class="banner">
      {t.hosting.thinkingYours(span(left))}{" "}
      <button type="button" onClick={() => room.send({ type: "thinking.end" })}>
        {t.hosting.thinkingShow}
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
        aria-label={t.hosting.thinking}
        value={String(minutes)}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      >
        {MINUTES.map((each) => (
          <option key={each} value={String(each)}>
            {t.hosting.thinkingMinutes(each)}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => void start()}>
        {t.hosting.thinkingStart}
      </button>
    </span>
  );
}
