/** The interview's clock in the bar. */
import { useEffect, useState } from "preact/hooks";
import { Lazy } from "../lazy";
import { Menu } from "../menu";
import { useValue } from "../observable";
import { span, t } from "../words";
import type { Room } from "./room";
import { secondsOf, stepAt } from "./told-clock";

const LATE_SECONDS = 300;
const form = async () => (await import("../interviewer")).ClockForm;

export function ClockChip({
  room,
  sessionId,
  hosting,
}: {
  room: Room;
  sessionId: string;
  hosting: boolean;
}) {
  const told = useValue(room.clock);
  const [, tick] = useState(0);
  useEffect(() => {
    if (told === null) return;
    const timer = setInterval(() => tick((turn) => turn + 1), 1000);
    return () => clearInterval(timer);
  }, [told]);
  if (told === null) return null;
  const { clock } = told;
  const seconds = secondsOf(told);
  const late = seconds !== null && clock.minutes * 60 - seconds <= LATE_SECONDS;
  const step = stepAt(clock, seconds ?? 0);
  const [time, of] = [span(Math.floor(seconds ?? 0)), t.clock.of(clock.minutes)];
  const face = (
    <span class={late ? "clock clock-late" : "clock"} role="timer" translate={false}>
      {time} <span class="clock-of">{of}</span> {step && <span class="clock-step">{step}</span>}
    </span>
  );
  if (!hosting) return face;
  // What one sees of a button is in its name: one can say it to click it.
  const label = [time, of, step, t.clock.set].filter(Boolean).join(" ");
  return (
    <Menu label={label} face={face}>
      {(close) => <Lazy load={form} with={{ sessionId, clock, onDone: close }} />}
    </Menu>
  );
}
