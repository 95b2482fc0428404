/** What the session is about, beside the code: the statement and the samples, for everybody. */
import "../styles/panels.css";
import "../styles/problem.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announcer";
import { ALT, isAlt } from "../alt";
import { isMod } from "../keys";
import type { ApiError, Problem, Session } from "../api";
import { Lazy } from "../lazy";
import { recall, remember } from "../remembered";
import { NARROW, useMedia } from "../media";
import { useValue } from "../observable";
import { questionsApi } from "../questions/api";
import { sinceStart } from "../session/activity";
import { Splitter } from "../session/layout";
import type { Pane } from "../session/pane-bar";
import { mayHost, mayTakePart } from "../session/roles";
import type { Room } from "../session/room";
import { locale, t } from "../words";
import { problemWords } from "../words/problem";
import { type OwnCase, useOwnCases } from "./own";
import { OwnCases } from "./own-cases";
import { Samples, type Use } from "./samples";
import { Statement } from "./statement";
import { type Trial, useTrial } from "./trial";
import { wordingFor } from "./wording";

const giving = async () => (await import("../questions/giving")).Giving;

const PLACE = "pizarra.problem";

interface ProblemProps {
  room: Room;
  session: Session;
  /** On a phone, where one pane is shown at a time. */
  onPane: (pane: Pane | ((chosen: Pane | null) => Pane)) => void;
}

export function ProblemPanel({ room, session, onPane }: ProblemProps) {
  const role = useValue(room.you)?.role ?? session.your_role;
  const locked = useValue(room.runningLocked) && role === "candidate";
  const hosting = mayHost(role);
  const mayRun = mayTakePart(role) && !locked;
  const problem = useValue(room.problem) ?? null;
  // On a phone a candidate reads first what there is to do, unless they went elsewhere before it was there.
  const onFirst = () => role === "candidate" && onPane((chosen) => chosen ?? "problem");
  const failure = useProblem(room, session.session_id, onFirst);
  const place = `pizarra.cases.${session.session_id}.${problem?.folder ?? ""}`;
  const [cases, setCases] = useOwnCases(place);
  const begun = { ...session, clock_started_at: useValue(room.startedAt) };
  const trial = useTrial(room, session.session_id, cases);
  const { folded, show } = useFold(problem);
  const panel = useRef<HTMLElement>(null);
  const isHere = problem !== null || hosting || failure !== null;
  const onOpen = () => {
    show(true);
    onPane("problem");
    requestAnimationFrame(() => panel.current?.focus());
  };
  useKeys({
    samples: problem !== null && problem.samples.length > 0 && mayRun ? trial.run : null,
    open: isHere ? onOpen : null,
  });
  if (!isHere) return null;
  const wording = problem && wordingFor(problem, locale.get());
  return (
    <section
      class="problem-panel"
      aria-label={problemWords().label}
      tabIndex={-1}
      ref={panel}
      data-folded={folded}
    >
      <Head title={wording?.title ?? problemWords().label} folded={folded} onShow={show} />
      {!folded && (
        <div class="problem-body" tabIndex={0} role="group" aria-label={problemWords().label}>
          {failure && <Failed failure={failure} room={room} />}
          {problem && wording && (
            <Statement text={wording.statement} spoken={wording.spoken} images={problem.images} />
          )}
          {problem && (
            <Cases
              key={problem.folder}
              {...{ room, problem, trial, cases, mayRun }}
              since={trial.since && sinceStart(begun, trial.since)}
              onCases={setCases}
            />
          )}
          {problem?.secret_count ? (
            <p class="muted">{problemWords().secret(problem.secret_count)}</p>
          ) : null}
          {problem === null && hosting && failure === null && (
            <p class="muted">{problemWords().empty}</p>
          )}
          {hosting && (
            <Lazy
              key={problem?.seq}
              quiet
              load={giving}
              with={{ room, sessionId: session.session_id, problem }}
            />
          )}
        </div>
      )}
      {!folded && <Splitter part="problem" />}
    </section>
  );
}

interface CasesProps {
  room: Room;
  problem: Problem;
  trial: Trial;
  since: string | null;
  mayRun: boolean;
  cases: readonly OwnCase[];
  onCases: (cases: readonly OwnCase[]) => void;
}

/** The samples, and below them the cases that people make up. */
function Cases({ room, problem, trial, since, mayRun, cases, onCases }: CasesProps) {
  const [draft, setDraft] = useState<OwnCase | null>(null);
  const isProject = problem.kind === "project"; // its cases are tests, which no input makes
  const use = mayRun && !isProject ? useOf(problem, room, setDraft) : null;
  if (problem.samples.length === 0) return null;
  return (
    <>
      <Samples
        samples={problem.samples}
        trial={trial}
        since={since}
        onRun={mayRun ? trial.run : null}
        use={use}
        areTests={isProject}
      />
      {!isProject && (
        <OwnCases
          cases={cases}
          tried={trial.own}
          isOld={since !== null}
          signature={problem.signature}
          onChange={mayRun ? onCases : null}
          use={problem.signature === null ? use : null}
          draft={draft}
          onDraft={setDraft}
        />
      )}
    </>
  );
}

/** What fails becomes the program's input; a function reads none, so its arguments become a case of one's own. */
function useOf(problem: Problem, room: Room, onDraft: (draft: OwnCase) => void): Use {
  const { samples, own } = problemWords();
  if (problem.signature === null)
    return {
      label: samples.use,
      hint: samples.useHint,
      run: ({ input }) => room.startRun(input),
    };
  return { label: own.vary, hint: own.varyHint, run: onDraft };
}

function turn(room: Room): void {
  room.problemTurn.set(room.problemTurn.get() + 1);
}

interface HeadProps {
  title: string;
  folded: boolean;
  onShow: (shown: boolean) => void;
}

/** One button folds and unfolds: it keeps the keyboard. */
function Head({ title, folded, onShow }: HeadProps) {
  const words = problemWords();
  return (
    <header class="problem-bar">
      {!folded && <h2 title={title}>{title}</h2>}
      <button
        key="fold"
        type="button"
        class="quiet problem-fold"
        aria-expanded={!folded}
        title={folded ? words.showWhy(`${ALT} 1`) : words.hideWhy}
        onClick={() => onShow(folded)}
      >
        {!folded && <span aria-hidden="true">‹ </span>}
        {folded ? words.show : words.hide}
      </button>
    </header>
  );
}

function Failed({ failure, room }: { failure: ApiError; room: Room }) {
  return (
    <div role="alert">
      <p class="notice">{problemWords().missing(failure.message)}</p>
      <button type="button" onClick={() => turn(room)}>
        {t.tryAgain}
      </button>
    </div>
  );
}

/** Have what the session is about in the room, and again when it changes or may have; return why it is not there. */
function useProblem(room: Room, sessionId: string, onFirst: () => void): ApiError | null {
  const turn = useValue(room.problemTurn);
  const line = useValue(room.branch)?.branch_id; // each line of work has its question
  const lost = useReturns(room);
  const [failure, setFailure] = useState<ApiError | null>(null);
  useEffect(() => {
    let wanted = true;
    questionsApi.problem(sessionId).then(
      (found) => {
        if (!wanted) return;
        const before = room.problem.get();
        setFailure(null);
        if (before?.seq === found?.seq && before !== undefined) return;
        room.problem.set(found);
        if (before === undefined && found) onFirst();
        if (before !== undefined && found) announce(wordingFor(found, locale.get()).title);
      },
      (error: ApiError) => {
        if (!wanted) return;
        setFailure(error);
        if (room.problem.get() === undefined) room.problem.set(null);
      },
    );
    return () => {
      wanted = false;
    };
  }, [room, sessionId, turn, line, lost]);
  return failure;
}

/** How often the connection came back: what was told meanwhile was missed. */
function useReturns(room: Room): number {
  const [returns, setReturns] = useState(0);
  useEffect(() => {
    let was = false;
    let lost = false;
    return room.link.subscribe(() => {
      const online = room.link.get().state === "online";
      if (online && lost) setReturns((count) => count + 1);
      lost = was && !online ? true : lost && !online;
      was ||= online;
    });
  }, [room]);
  return returns;
}

/** Whether the panel is folded: as this browser keeps it; without a problem, until somebody opens it. */
function useFold(problem: Problem | null) {
  const narrow = useMedia(NARROW);
  const [folded, setFolded] = useState(recall(PLACE) === "folded");
  const [opened, setOpened] = useState(false);
  const seq = problem?.seq;
  const first = useRef(seq);
  // Another question is shown, whatever was done with the last one.
  useEffect(() => {
    if (first.current !== undefined && first.current !== seq) setFolded(false);
    first.current = seq;
  }, [seq]);
  const show = (shown: boolean) => {
    if (problem === null) return setOpened(shown);
    setFolded(!shown);
    remember(PLACE, shown ? "shown" : "folded");
  };
  return { folded: !narrow && (problem === null ? !opened : folded), show };
}

/** Alt+1 goes to the problem where there is one; Ctrl+Shift+Enter tries the samples, wherever the keyboard is. */
function useKeys(todo: { samples: (() => void) | null; open: (() => void) | null }): void {
  const now = useRef(todo);
  now.current = todo;
  // With the button that names the key, not a moment after it.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const mod = isMod(event);
      const run = mod && event.shiftKey && event.key === "Enter" ? now.current.samples : null;
      const open = isAlt(event) && event.code === "Digit1" ? now.current.open : null;
      const act = run ?? open;
      if (act === null) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    // Before the editor: it has keys of its own.
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
