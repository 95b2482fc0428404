/** What is proven of a question on this machine, language by language, and proving it. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, Proof, Question } from "../api";
import { isForGood } from "../for-good";
import { Icon } from "../icons";
import { questionsApi } from "../questions/api";
import { authoringApi } from "../questions/authoring-api";
import { ago, t } from "../words";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import { nameOfLanguage } from "./languages";

const LOOK_MS = 1000;

export function ProofPanel({ question }: { question: Question }) {
  const w = questionWords().preview;
  const id = question.question_id;
  const { proof, asked, problem, attempt } = useProof(question);
  const busy = asked || proof?.running === true;
  const prove = () => attempt(() => authoringApi.prove(id));
  const stop = () =>
    attempt(async () => {
      await authoringApi.stopProof(id);
      return (await questionsApi.question(id)).question.proof;
    });
  return (
    <section class="proof" aria-labelledby="proof-title">
      <h2 id="proof-title">{w.proof}</h2>
      <Found proof={proof} busy={busy} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="row-actions">
        <button type="button" disabled={busy} title={w.proveWhy} onClick={() => void prove()}>
          {w.prove}
        </button>
        {proof?.running && (
          <button type="button" disabled={asked} onClick={() => void stop()}>
            {authoringWords().proof.stop}
          </button>
        )}
      </div>
    </section>
  );
}

/** The proof as it is now: while one is under way the question is read again and again. */
function useProof(question: Question) {
  const [proof, setProof] = useState<Proof | null>(question.proof);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = question.question_id;
  const attempt = async (action: () => Promise<Proof | null>) => {
    setAsked(true);
    setProblem(null);
    try {
      setProof(await action());
    } catch (error) {
      setProblem((error as ApiError).message);
    }
    setAsked(false);
  };
  useEffect(() => {
    if (proof?.running !== true) return;
    let wanted = true; // not when it was stopped meanwhile
    const look = async () => {
      try {
        const found = (await questionsApi.question(id)).question.proof;
        if (!wanted) return;
        setProblem(null);
        setProof(found ?? { ...proof });
      } catch (error) {
        if (!wanted) return;
        setProblem((error as ApiError).message);
        if (!isForGood(error as ApiError)) setProof({ ...proof }); // so that it is looked again
      }
    };
    const timer = setTimeout(() => void look(), LOOK_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [proof, id]);
  return { proof, asked, problem, attempt };
}

function Found({ proof, busy }: { proof: Proof | null; busy: boolean }) {
  const w = questionWords().preview;
  if (busy) return <UnderWay progress={proof?.progress ?? null} />;
  if (proof === null || proof.proved_at === null) return <p class="muted">{w.notProven}</p>;
  return (
    <ul aria-labelledby="proof-title">
      {Object.entries(proof.languages).map(([language, { status, detail }]) => (
        <li key={language}>
          <span class={`case-state ${status === "proven" ? "good" : ""}`}>
            <Icon name={status === "proven" ? "check" : "cross"} />
            {nameOfLanguage(language)}: {w.proofs[status] ?? status}
          </span>
          {detail && <span class="muted"> {t.said(detail)}</span>}
        </li>
      ))}
      {proof.time_limit !== null && (
        <li class="muted">{authoringWords().proof.limit(proof.time_limit, proof.slowest_ms)}</li>
      )}
      <li class="muted">{ago(proof.proved_at)}</li>
    </ul>
  );
}

function UnderWay({ progress }: { progress: Proof["progress"] }) {
  const w = questionWords().preview;
  const of = progress && { value: progress.done, max: progress.of };
  return (
    <p class="muted" role="status">
      {w.proving} <progress aria-label={w.proving} {...of} />{" "}
      {progress && authoringWords().proof.done(progress.done, progress.of)}
    </p>
  );
}
