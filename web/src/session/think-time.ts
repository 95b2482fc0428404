/** How long private thinking time still is. */
import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../clock";
import { useValue } from "../observable";
import type { Room } from "./room";

/** Seconds left of the thinking time, or 0; renders again each second and when it is over. */
export function useThinking(room: Room): number {
  const until = useValue(room.thinkingUntil);
  const left =
    until === null ? 0 : Math.max(0, Math.ceil((Date.parse(until) - serverNow()) / 1000));
  const [, tick] = useState(0);
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => tick((turn) => turn + 1), 1000);
    return () => clearTimeout(timer);
  });
  return left;
}
