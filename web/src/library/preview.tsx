/** A question as those see it who get it: the candidate, and the interviewers. */
import "../styles/panels.css";
import "../styles/problem.css";
import { useState } from "preact/hooks";
import type { ApiError, Question } from "../api";
import { Frame } from "../accounts/frame";
import { remember } from "../remembered";
import { go } from "../navigation";
import { Samples } from "../problem/samples";
import { Statement } from "../problem/statement";
import { wordingFor } from "../problem/wording";
import { questionsApi } from "../questions/api";
import { authoringApi } from "../questions/authoring-api";
import { about } from "../questions/chooser";
import { useInSession } from "../questions/wanted";
import { TabRow } from "../tab-row";
import { useSure } from "../sure";
import { toast } from "../toast";
import { locale, t } from "../words";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import { fared } from "./list";
import { Private } from "./private";
import { ProofPanel } from "./proof";
import { shownCases } from "./shown-cases";

const VIEWS = ["candidate", "interviewer"] as const;
type View = (typeof VIEWS)[number];

export function Preview({ question }: { question: Question }) {
  const { preview: w, library, kinds } = questionWords();
  const [view, setView] = useState<View>("candidate");
  const wording = wordingOf(question);
  const facts = [
    about(question),
    kinds[question.kind],
    w.version(question.version),
    library.uses(question.sessions),
    fared(question),
    question.draft && questionWords().draft,
    question.tags.join(", "),
  ].filter(Boolean);
  return (
    <Frame title={wording.title} back="/library" backTo={library.title}>
      <div class="question-facts">
        <p class="muted">{facts.join(" · ")}</p>
        {question.detail && <p class="notice">{t.said(question.detail)}</p>}
        <Actions question={question} />
      </div>
      <ProofPanel question={question} />
      <div class="preview">
        <TabRow
          label={w.views}
          names={VIEWS}
          open={view}
          onOpen={setView}
          face={(each) => w[each]}
          panel={{ id: "preview", prefix: "preview-" }}
        />
        <div id="preview" role="tabpanel" aria-labelledby={`preview-${view}`} tabIndex={0}>
          <h2 class="for-readers">{w[view]}</h2>
          {view === "candidate" ? (
            <>
              {wording.statement.trim() ? (
                <Statement
                  text={wording.statement}
                  spoken={wording.spoken}
                  images={question.images}
                />
              ) : (
                <p class="muted">{w.noStatement}</p>
              )}
              <Samples
                samples={shownCases(question.kind, question.samples)}
                trial={null}
                areTests={question.kind === "project"}
              />
            </>
          ) : (
            <Private question={question} />
          )}
        </div>
      </div>
    </Frame>
  );
}

function wordingOf(question: Question) {
  const { spoken, title, statement } = question;
  const translations = { ...question.translations, [spoken]: { title, statement } };
  return wordingFor({ title, statement, spoken, translations }, locale.get());
}

function Actions({ question }: { question: Question }) {
  const { preview: w, library } = questionWords();
  const words = authoringWords().trying;
  const { sure, setSure, opener, keep } = useSure();
  const id = question.question_id;
  const attempt = async (action: () => Promise<unknown>, done: string, to: string) => {
    try {
      await action();
      toast(done);
      go(to);
    } catch (error) {
      toast((error as ApiError).message);
    }
  };
  const tryOut = async () => {
    try {
      const { session_id } = await authoringApi.rehearse(id);
      remember(`pizarra.tried.${session_id}`, id);
      go(`/s/${session_id}`);
    } catch (error) {
      toast((error as ApiError).message);
    }
  };
  const remove = () =>
    attempt(() => questionsApi.remove(id), w.removed(question.title), "/library");
  const duplicate = () =>
    attempt(() => questionsApi.create(copyOf(question)), w.duplicated(question.title), "/library");
  if (sure)
    return (
      <p key="sure" class="row-actions" role="alert">
        <span>{w.sure}</span>
        <button type="button" class="danger" onClick={() => void remove()}>
          {w.removeNow}
        </button>
        <button type="button" ref={keep} onClick={() => setSure(false)}>
          {w.keep}
        </button>
      </p>
    );
  return (
    <p class="row-actions">
      {!question.draft && (
        <button type="button" class="primary" onClick={() => useInSession({ question })}>
          {library.use}
        </button>
      )}
      <button type="button" title={words.tryWhy} onClick={() => void tryOut()}>
        {words.try}
      </button>
      <button type="button" onClick={() => go(`/library/${id}/edit`)}>
        {w.edit}
      </button>
      <button type="button" onClick={() => go(`/library/${id}/files`)}>
        {authoringWords().files.open}
      </button>
      <a class="button" href={`/api/questions/${id}/export`} download>
        {w.export}
      </a>
      <button type="button" onClick={() => void duplicate()}>
        {w.duplicate}
      </button>
      <button type="button" ref={opener} onClick={() => setSure(true)}>
        {w.remove}
      </button>
    </p>
  );
}

/** What a question is made of, without what the server says of it; a draft until somebody has looked. */
function copyOf(question: Question) {
  const { question_id, version, newest, runnable, detail, proof, sessions, fared, ...rest } =
    question;
  const { created_at, updated_at, ...content } = rest;
  return { ...content, title: questionWords().preview.copyOf(question.title), draft: true };
}
