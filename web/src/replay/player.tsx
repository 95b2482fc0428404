/** The player: the session as it was at any instant, with what happened on a timeline below. */
import "../styles/panels.css";
import "../styles/replay.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useValue } from "../observable";
import { assignColors } from "../session/colors";
import { useLayout } from "../session/layout";
import { locale, t } from "../words";
import { useAddress } from "./address";
import { Aside } from "./aside";
import { Code } from "./code";
import { marksOf } from "./marks";
import type { Online } from "./online";
import { Playhead } from "./playhead";
import { hasProblem, ProblemPane } from "./problem";
import { useSteps } from "./steps";
import type { Recording } from "./recording";
import { Tape } from "./tape";
import { ReplayTerminal } from "./replay-terminal";
import { Timeline } from "./timeline";
import { type Look, Transport } from "./transport";
import { replayWords } from "../words/replay";

interface PlayerProps {
  recording: Recording;
  online: Online | null;
  bar: preact.ComponentChildren;
}

/** One is seen at a time where there is no room for all. */
const PANES = ["problem", "editor", "output", "people"] as const;

export function Player({ recording, online, bar }: PlayerProps) {
  const playhead = usePlayhead(recording, online?.isLive ?? false);
  assignColors(recording.people.map((person) => person.participant_id));
  const scene = useValue(playhead.scene);
  const [look, setLook] = useState<Look>({ followed: null, blame: false, since: null });
  const [pane, setPane] = useState<(typeof PANES)[number]>("editor");
  const layout = useLayout();
  const speaking = useValue(locale);
  const marks = useMemo(() => marksOf(recording), [recording, speaking]);
  const step = useSteps(playhead, recording);
  useAddress(playhead);
  const about = useMemo(() => hasProblem(recording), [recording]);
  const names = {
    problem: t.session.problem,
    editor: t.session.code,
    output: t.session.terminal,
    people: replayWords().replay.moments,
  };
  return (
    <main class="session replay" data-pane={pane} style={layout}>
      <header class="bar">{bar}</header>
      {about && <ProblemPane recording={recording} playhead={playhead} scene={scene} />}
      <Code playhead={playhead} recording={recording} scene={scene} look={look} />
      <ReplayTerminal
        scene={scene}
        recording={recording}
        playhead={playhead}
        runAt={online?.runAt ?? null}
      />
      <Aside
        recording={recording}
        marks={marks}
        playhead={playhead}
        canTest={online?.canTest ?? false}
      />
      <section class="timeline" aria-label={replayWords().replay.timeline}>
        <Transport {...{ recording, marks, playhead, online, look, step }} onLook={setLook} />
        <Timeline recording={recording} marks={marks} playhead={playhead} />
      </section>
      <nav class="panes" aria-label={replayWords().replay.panes}>
        {PANES.filter((name) => about || name !== "problem").map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={pane === name}
            onClick={() => setPane(name)}
          >
            {names[name]}
          </button>
        ))}
      </nav>
    </main>
  );
}

/** The tape of a recording, wound to where the address says; it grows while the session goes on. */
function usePlayhead(recording: Recording, isLive: boolean): Playhead {
  const made = useRef<Playhead | null>(null);
  made.current ??= new Playhead(new Tape(recording), location.hash);
  const playhead = made.current;
  useEffect(() => {
    const { tape } = playhead;
    const wasAtEnd = playhead.scene.get().seq >= tape.length;
    tape.extend(recording);
    // Whoever looks at the newest instant of a live session goes along with it.
    if (isLive && wasAtEnd) playhead.go(tape.length, tape.end);
  }, [recording, playhead, isLive]);
  useEffect(() => () => playhead.pause(), [playhead]);
  return playhead;
}
