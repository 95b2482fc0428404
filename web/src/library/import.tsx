/** Bringing packages into the library: a file is chosen, what is in it is proven, and what came of each is said. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, ImportedQuestion } from "../api";
import { questionsApi } from "../questions/api";
import { t } from "../words";
import { questionWords } from "../words/questions";
import { authoringWords } from "../words/authoring";
import { Remarks } from "./paste";
import { type Came, proveAll } from "./prove-all";

export function Import({ onImported }: { onImported: () => void }) {
  const w = questionWords().library;
  const file = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [imported, setImported] = useState<readonly ImportedQuestion[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [proofs, setProofs] = useState<Readonly<Record<string, Came>>>({});
  const turn = useRef(0); // whoever closes it, or imports again, wants no more of what was imported before
  useEffect(() => () => void turn.current++, []);
  const take = async (archive: File | undefined) => {
    if (!archive) return;
    const mine = ++turn.current;
    setProofs({});
    setBusy(true);
    setImported(null);
    setProblem(null);
    try {
      const found = await questionsApi.importPackages(archive);
      setImported(found);
      onImported();
      const ids = found.filter(({ runnable }) => runnable).map((each) => each.question_id);
      const tell = (id: string, came: Came) => setProofs((have) => ({ ...have, [id]: came }));
      void proveAll(ids, tell, () => turn.current === mine).then(onImported);
    } catch (error) {
      setProblem((error as ApiError).message);
    }
    setBusy(false);
    if (file.current) file.current.value = ""; // the same file can be chosen again
  };
  return (
    <span class="import">
      <input
        type="file"
        accept=".zip,.kpp,application/zip"
        hidden
        ref={file}
        aria-label={w.importWhy}
        onChange={(event) => void take(event.currentTarget.files?.[0])}
      />
      <button
        type="button"
        disabled={busy}
        title={w.importWhy}
        onClick={() => file.current?.click()}
      >
        {busy ? w.importing : w.import}
      </button>
      {(imported !== null || problem !== null) && (
        <Result
          imported={imported}
          proofs={proofs}
          problem={problem}
          onClose={() => {
            turn.current++;
            setImported(null);
            setProblem(null);
          }}
        />
      )}
    </span>
  );
}

interface ResultProps {
  imported: readonly ImportedQuestion[] | null;
  proofs: Readonly<Record<string, Came>>;
  problem: string | null;
  onClose: () => void;
}

function Result({ imported, proofs, problem, onClose }: ResultProps) {
  return (
    <div class="import-result" role={problem === null ? "status" : "alert"}>
      {problem !== null && <p class="problem">{problem}</p>}
      {imported !== null && <p>{questionWords().library.imported(imported.length)}</p>}
      <ul>
        {imported?.map(({ question_id, title, remarks }) => (
          <li key={question_id}>
            <strong>{title}</strong> <Proven came={proofs[question_id]} />
            <Remarks remarks={remarks} />
          </li>
        ))}
      </ul>
      <button type="button" onClick={onClose}>
        {t.close}
      </button>
    </div>
  );
}

/** How far the proof of a question is, or what came of it. */
function Proven({ came }: { came: Came | undefined }) {
  const { library, preview } = questionWords();
  if (came === undefined) return null;
  if (typeof came === "string") return <span class="problem">{came}</span>;
  const all = Object.values(came.languages);
  const { progress } = came;
  if (came.running)
    return (
      <span class="muted">
        {preview.proving}
        {progress && ` · ${authoringWords().proof.done(progress.done, progress.of)}`}
      </span>
    );
  const some = all.filter(({ status }) => status === "proven").length;
  return <span class="muted">{library.provenIn(some, all.length)}</span>;
}
