/**
 * What a program asks of its terminal (where the cursor is, which colours there are, whether somebody looks) nobody answers:
 * each page that shows the run would, in its person's name, those that open later once more, and all of it would stand on
 * the timeline as typed.
 */
import type { Terminal } from "@xterm/xterm";

const FOCUS_REPORTS = 1004;

export function answerNothing({ parser }: Terminal): void {
  const silent = () => true;
  for (const id of [
    { final: "c" },
    { prefix: ">", final: "c" },
    { prefix: "=", final: "c" },
    { final: "n" },
    { prefix: "?", final: "n" },
    { final: "t" },
    { intermediates: "$", final: "p" },
    { prefix: "?", intermediates: "$", final: "p" },
    { prefix: ">", final: "q" },
    { prefix: "?", final: "u" },
  ])
    parser.registerCsiHandler(id, silent);
  parser.registerCsiHandler({ prefix: "?", final: "h" }, (params) =>
    params.some((each) => each === FOCUS_REPORTS),
  );
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, silent);
  parser.registerDcsHandler({ intermediates: "+", final: "q" }, silent);
  for (const color of [4, 10, 11, 12])
    parser.registerOscHandler(color, (data) => data.includes("?"));
}
