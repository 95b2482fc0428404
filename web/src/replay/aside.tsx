/** Beside the code of an instant: the moments, the scores, the tests. What only interviewers see is not there for others. */
import "../styles/panels.css";
import { useState } from "preact/hooks";
import type { TimelineEntry } from "../api";
import { Curves } from "../interviewer/curve";
import { type Attempt, recordedSuites } from "../interviewer/suite";
import type { Form } from "../interviewer/test-fields";
import { Tests } from "../interviewer/tests";
import { useValue } from "../observable";
import { Course } from "../problem/course";
import { Splitter } from "../session/layout";
import { TabRow } from "../tab-row";
import type { Mark } from "./marks";
import { Moments } from "./moments";
import type { Playhead } from "./playhead";
import { Scorecards } from "./scorecards";
import { decisionsOf, scorecardsOf } from "./scored";
import type { Recording } from "./recording";
import { replayWords } from "../words/replay";
import { panelWords } from "../words/panels";
import { clockOf } from "./time";

const FORMS = ["stdio", "function", "project"] as const;

interface AsideProps {
  recording: Recording;
  marks: readonly Mark[];
  playhead: Playhead;
  /** Whether the tests of the program can be read and changed. */
  canTest: boolean;
}

const TABS = ["moments", "scores", "tests"] as const;
type Tab = (typeof TABS)[number];

export function Aside({ recording, marks, playhead, canTest }: AsideProps) {
  const [chosen, setChosen] = useState<Tab>("moments");
  const { notes, entries } = recording;
  const there: Record<Tab, boolean> = {
    moments: true,
    scores: canTest || scorecardsOf(notes).length > 0 || decisionsOf(notes).length > 0,
    tests: canTest || recordedSuites(notes, entries).length > 0,
  };
  const words: Record<Tab, string> = {
    moments: replayWords().replay.moments,
    scores: panelWords().side.scores,
    tests: panelWords().side.tests,
  };
  return (
    <section class="side" aria-label={replayWords().replay.happened} tabIndex={-1}>
      <Splitter part="side" />
      <TabRow
        label={replayWords().replay.happened}
        names={TABS.filter((each) => there[each])}
        open={chosen}
        onOpen={setChosen}
        face={(each) => words[each]}
        panel={{ id: "replay-panel", prefix: "replay-" }}
      />
      <div
        class="side-panel"
        id="replay-panel"
        role="tabpanel"
        aria-labelledby={`replay-${chosen}`}
        tabIndex={0}
      >
        {chosen === "moments" && (
          <Moments recording={recording} marks={marks} playhead={playhead} />
        )}
        {chosen === "scores" && <Scorecards recording={recording} playhead={playhead} />}
        {chosen === "tests" && (
          <Progress recording={recording} playhead={playhead} canTest={canTest} />
        )}
      </div>
    </section>
  );
}

function formNow(entries: readonly TimelineEntry[]): Form {
  const form = new Course(entries).at(Infinity)?.data.form;
  return FORMS.find((each) => each === form) ?? null;
}

/** When each test passed. With a server the tests can be changed; from a file it is what was recorded. */
function Progress({ recording, playhead, canTest }: Omit<AsideProps, "marks">) {
  const { notes, entries, sessionId } = recording;
  const scene = useValue(playhead.scene);
  const clock = ({ at }: Attempt) => clockOf(recording, playhead.tape.timeOf(at));
  const shown = { clock, now: scene.seq, onGo: (at: number) => playhead.jump(at) };
  // What can be changed are the tests of what the session is about now, whatever instant is looked at.
  if (canTest)
    return <Tests sessionId={sessionId} form={formNow(entries)} turn={notes.length} {...shown} />;
  return (
    <section class="tests">
      <Curves suites={recordedSuites(notes, entries)} {...shown} />
    </section>
  );
}
