/** On a phone, the way to each part of the session, and Run, always in reach. */
import type { LanguageInfo } from "../api";
import { Icon } from "../icons";
import { useValue } from "../observable";
import { t } from "../words";
import { mainOf } from "./paths";
import { mayHost } from "./roles";
import type { Room } from "./room";

const PANES = ["problem", "editor", "output", "people"] as const;
export type Pane = (typeof PANES)[number];

interface PaneBarProps {
  room: Room;
  languages: LanguageInfo[];
  mayRun: boolean;
  pane: Pane;
  onPane: (pane: Pane) => void;
}

export function PaneBar({ room, languages, mayRun, pane, onPane }: PaneBarProps) {
  const language = useValue(room.language);
  const main = mainOf(language, languages);
  const unseen = useValue(room.unseen);
  const problem = useValue(room.problem);
  const you = useValue(room.you);
  const over = useValue(room.over);
  const hasProblem = !!problem || mayHost(you?.role);
  const words: Record<Pane, string> = {
    problem: t.session.problem,
    editor: t.session.code,
    output: t.session.terminal,
    people: t.session.side,
  };
  return (
    <nav class="panes" aria-label={t.session.panes}>
      {PANES.filter((name) => name !== "problem" || hasProblem).map((name) => (
        <button key={name} type="button" aria-pressed={pane === name} onClick={() => onPane(name)}>
          {words[name]}
          {name === "people" && unseen > 0 && <span class="unseen-dot" aria-hidden="true" />}
        </button>
      ))}
      {mayRun && (
        <button
          type="button"
          class="primary"
          disabled={over}
          aria-label={t.session.runProgram(room.programIn(language) ?? main ?? "")}
          onClick={() => room.startRun()}
        >
          <Icon name="run" /> <span class="run-word">{t.session.run}</span>
        </button>
      )}
    </nav>
  );
}
