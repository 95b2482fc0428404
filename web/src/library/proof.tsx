/** What is proven of a question on this machine, language by language, and proving it. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, Proof, Question } from "../api";
import { Icon } from "../icons";
import { questionsApi } from "../questions/api";
import { ago, t } from "../words";
import { questionWords } from "../words/questions";
import { LANGUAGES } from "./list";

const LOOK_MS = 2000;

export function ProofPanel({ question }: { question: Question }) {
  const w = questionWords().preview;
  const [proof, setProof] = useState<Proof | null>(question.proof);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = question.question_id;
  const busy = asked || proof?.running === true;
  const prove = async () => {
    setAsked(true);
    setProblem(null);
    try {
      setProof(await questionsApi.prove(id));
    } catch (error) {
      setProblem((error as ApiError).message);
    }
    setAsked(false);
  };
  useEffect(() => {
    if (proof?.running !== true) return;
    const look = () =>
      questionsApi.question(id).then(
        (read) => setProof(read.question.proof ?? { ...proof }),
        (error: ApiError) => setProblem(error.message),
      );
    const timer = setTimeout(() => void look(), LOOK_MS);
    return () => clearTimeout(timer);
  }, [proof, id]);
  return (
    <section class="proof" aria-labelledby="proof-title">
      <h2 id="proof-title">{w.proof}</h2>
      <Found proof={proof} busy={busy} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div>
        <button type="button" disabled={busy} title={w.proveWhy} onClick={() => void prove()}>
          {w.prove}
        </button>
      </div>
    </section>
  );
}

function Found({ proof, busy }: { proof: Proof | null; busy: boolean }) {
  const w = questionWords().preview;
  if (busy)
    return (
      <p class="muted" role="status">
        {w.proving} <progress aria-label={w.proving} />
      </p>
    );
  if (proof === null || proof.proved_at === null) return <p class="muted">{w.notProven}</p>;
  return (
    <ul aria-labelledby="proof-title">
      {Object.entries(proof.languages).map(([language, { status, detail }]) => (
        <li key={language}>
          <span class={`case-state ${status === "proven" ? "good" : ""}`}>
            <Icon name={status === "proven" ? "check" : "cross"} />
            {LANGUAGES[language as keyof typeof LANGUAGES] ?? language}:{" "}
            {w.proofs[status] ?? status}
          </span>
          {detail && <span class="muted"> {t.said(detail)}</span>}
        </li>
      ))}
      <li class="muted">{ago(proof.proved_at)}</li>
    </ul>
  );
}
