/** What only interviewers see of the session's question: what to look for, and what can be asked next. */
import "../styles/problem.css";
import { useState } from "preact/hooks";
import type { Problem, Session } from "../api";
import { useValue } from "../observable";
import { Statement } from "../problem/statement";
import { wordingFor } from "../problem/wording";
import { give } from "../questions/giving";
import type { Room } from "../session/room";
import { locale } from "../words";
import { panelWords } from "../words/panels";
import { questionWords } from "../words/questions";

interface GuideProps {
  room: Room;
  session: Session;
}

type Private = NonNullable<Problem["for_interviewers"]>;

export function GuidePanel({ room, session }: GuideProps) {
  const problem = useValue(room.problem);
  const found = problem?.for_interviewers;
  const w = panelWords().guide;
  if (!problem || !found) return <p class="muted">{w.none}</p>;
  const { guide, rubric, references } = found;
  const spoken = wordingFor(problem, locale.get()).spoken;
  const isEmpty = !guide.trim() && rubric.length === 0 && found.follow_ups.length === 0;
  return (
    <section class="guide">
      {guide.trim() && <Statement text={guide} spoken={spoken} images={problem.images} />}
      {found.follow_ups.length > 0 && (
        <>
          <h2>{questionWords().preview.followUps}</h2>
          <ul class="plain-list">
            {found.follow_ups.map(({ title, text }, place) => (
              <li key={place}>
                <span class="guide-ask">
                  <strong>{title}</strong>
                  <Ask {...{ room, session, problem, found, place }} />
                </span>
                <Statement text={text} spoken={spoken} images={problem.images} />
              </li>
            ))}
          </ul>
          <p class="muted">{w.askWhy}</p>
        </>
      )}
      {rubric.length > 0 && (
        <>
          <h2>{questionWords().preview.rubric}</h2>
          <ul class="plain-list">
            {rubric.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      {Object.entries(references).map(([language, text]) => (
        <details key={language}>
          <summary>{w.reference(language)}</summary>
          <pre class="source">{text}</pre>
        </details>
      ))}
      {isEmpty && <p class="muted">{w.empty}</p>}
    </section>
  );
}

/** Below the notes: the follow-up that nobody has asked yet. */
export function NextUp({ room, session }: GuideProps) {
  const problem = useValue(room.problem);
  const found = problem?.for_interviewers;
  if (!problem || !found) return null;
  const place = found.follow_ups.findIndex((_, index) => !isAsked(problem, found, index));
  const next = found.follow_ups[place];
  if (next === undefined) return null;
  return (
    <p class="next-up">
      <span>{panelWords().guide.next(next.title)}</span>
      <Ask {...{ room, session, problem, found, place }} />
    </p>
  );
}

function isAsked(problem: Problem, { given }: Private, place: number): boolean {
  return given.some(
    ({ question_id, follow_up }) => question_id === problem.question_id && follow_up === place,
  );
}

function Ask(props: GuideProps & { problem: Problem; found: Private; place: number }) {
  const { room, session, problem, found, place } = props;
  const [busy, setBusy] = useState(false);
  const w = panelWords().guide;
  const title = found.follow_ups[place]?.title ?? "";
  if (problem.follow_up === place) return <span class="muted">{w.now}</span>;
  const before = found.given.find(
    (each) => each.question_id === problem.question_id && each.follow_up === place,
  );
  const ask = async () => {
    setBusy(true);
    const what = before ? { seq: before.seq } : { follow_up: place };
    await give(room, session.session_id, what);
    setBusy(false);
  };
  return (
    <button
      type="button"
      disabled={busy}
      aria-label={w.askIt(title)}
      title={w.askWhy}
      onClick={() => void ask()}
    >
      {before ? w.again : w.ask}
    </button>
  );
}
