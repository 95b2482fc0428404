/** From entry to entry and from run to run, by button and by key. */
import { useCallback, useEffect } from "preact/hooks";
import { keyOf } from "../keys";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";

export type StepTo = (by: "entry" | "run", direction: 1 | -1) => void;

export function useSteps(playhead: Playhead, { entries }: Recording): StepTo {
  const step = useCallback<StepTo>(
    (by, direction) => {
      const { seq, at } = playhead.scene.get();
      if (by === "entry") {
        // In the silence after an entry, back is to that entry.
        const within = direction < 0 && playhead.time.get() > at;
        return playhead.jump(within ? seq : seq + direction);
      }
      const runs = entries.filter(({ kind }) => kind === "run.ended").map((entry) => entry.seq);
      const next =
        direction > 0 ? runs.find((each) => each > seq) : runs.findLast((each) => each < seq);
      if (next !== undefined) playhead.jump(next);
    },
    [playhead, entries],
  );
  useKeys(playhead, step);
  return step;
}

/** Space plays, arrows step, J and K go from run to run, wherever nobody types. */
function useKeys(playhead: Playhead, step: StepTo): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      const isTyped = target?.closest("textarea, select, input:not([type=checkbox], [type=range])");
      if (isTyped || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
        return;
      if (event.key === " " && !target?.closest("button, a, summary, input")) playhead.toggle();
      else if (target?.closest("[role=tab], [role=separator]")) return;
      else if (event.key === "ArrowLeft") step("entry", -1);
      else if (event.key === "ArrowRight") step("entry", 1);
      else if (keyOf(event) === "j") step("run", -1);
      else if (keyOf(event) === "k") step("run", 1);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [playhead, step]);
}
