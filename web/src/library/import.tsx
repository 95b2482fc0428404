/** Bringing packages into the library: a file is chosen, and what came of each question in it is said. */
import { useRef, useState } from "preact/hooks";
import type { ApiError, ImportedQuestion } from "../api";
import { questionsApi } from "../questions/api";
import { t } from "../words";
import { questionWords } from "../words/questions";
import { Remarks } from "./paste";

export function Import({ onImported }: { onImported: () => void }) {
  const w = questionWords().library;
  const file = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [imported, setImported] = useState<readonly ImportedQuestion[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (archive: File | undefined) => {
    if (!archive) return;
    setBusy(true);
    setImported(null);
    setProblem(null);
    try {
      setImported(await questionsApi.importPackages(archive));
      onImported();
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
          problem={problem}
          onClose={() => {
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
  problem: string | null;
  onClose: () => void;
}

function Result({ imported, problem, onClose }: ResultProps) {
  return (
    <div class="import-result" role={problem === null ? "status" : "alert"}>
      {problem !== null && <p class="problem">{problem}</p>}
      {imported !== null && <p>{questionWords().library.imported(imported.length)}</p>}
      <ul>
        {imported?.map(({ question_id, title, remarks }) => (
          <li key={question_id}>
            <strong>{title}</strong>
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
