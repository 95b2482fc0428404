/** Which line of work the shown code belongs to, when there are several: the main one, or a follow-up question's. */
import { PEER_COLORS } from "../session/colors";
import { t } from "../words";
import { lineAt, linesOfWork } from "./lanes";
import type { Recording } from "./recording";

export function LineOfWork({ recording, seq }: { recording: Recording; seq: number }) {
  const here = lineAt(recording, seq);
  if (here === null) return null;
  const lines = linesOfWork(recording);
  const at = lines.findIndex(({ of }) => of === here);
  const name = lines[at]?.name;
  return (
    <span
      class={name === undefined ? "line-of-work muted" : `line-of-work peer-${at % PEER_COLORS}`}
      title={name}
    >
      {name === undefined ? t.branches.main : t.branches.at(name)}
    </span>
  );
}
