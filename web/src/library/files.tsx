/** A question as the files of its package: read, changed, and saved as a new version. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, ImportedQuestion, Question } from "../api";
import { Frame } from "../accounts/frame";
import { Trouble } from "../field";
import { askBeforeLeaving, go } from "../navigation";
import { authoringApi, type Files } from "../questions/authoring-api";
import { useSubmit } from "../submit";
import { t } from "../words";
import { authoringWords } from "../words/authoring";
import { fileNamedIn } from "./named";
import { Remarks } from "./paste";

export function PackageFiles({ question }: { question: Question }) {
  const w = authoringWords().files;
  const id = question.question_id;
  const [found, setFound] = useState<{ files: Files; tag: string } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = () =>
    authoringApi.files(id).then(setFound, (error: ApiError) => setProblem(error.message));
  useEffect(() => void load(), [id]);
  return (
    <Frame title={w.title(question.title)} back={`/library/${id}`} backTo={question.title}>
      <p class="muted">{w.about}</p>
      <Trouble text={problem} />
      {found === null && problem === null && <p class="muted">{t.loading}</p>}
      {found && <Editor id={id} found={found} onSaved={load} />}
    </Frame>
  );
}

interface EditorProps {
  id: string;
  found: { files: Files; tag: string };
  onSaved: () => Promise<void>;
}

function Editor({ id, found, onSaved }: EditorProps) {
  const w = authoringWords().files;
  const [files, setFiles] = useState(found.files);
  const [open, setOpen] = useState(() => firstOf(found.files));
  const [saved, setSaved] = useState<ImportedQuestion | null>(null);
  const changed = useRef(false);
  useEffect(() => askBeforeLeaving(() => changed.current), []);
  useEffect(() => {
    setFiles(found.files); // as it was read back: what is no part of a question is gone
    setOpen((before) => (before in found.files ? before : firstOf(found.files)));
  }, [found]);
  const change = (next: Files, opened = open) => {
    changed.current = true;
    setSaved(null);
    setFiles(next);
    setOpen(opened);
  };
  const { busy, problem, submit } = useSubmit(async () => {
    setSaved(null);
    try {
      setSaved(await authoringApi.writeFiles(id, files, found.tag));
    } catch (error) {
      setOpen((before) => fileNamedIn((error as ApiError).message, files) ?? before);
      throw error;
    }
    changed.current = false;
    await onSaved();
  });
  const remove = () => {
    const { [open]: _, ...others } = files;
    change(others, firstOf(others));
  };
  return (
    <div class="package">
      <FileList
        files={files}
        open={open}
        onOpen={setOpen}
        onAdd={(path) => change({ ...files, [path]: "" }, path)}
      />
      <form class="question-form" onSubmit={(event) => void submit(event)}>
        <label>
          {open}
          <textarea
            key={open}
            class="code"
            rows={20}
            spellcheck={false}
            value={files[open] ?? ""}
            onInput={(event) => change({ ...files, [open]: event.currentTarget.value })}
          />
        </label>
        <Trouble text={problem} />
        {saved && <Saved saved={saved} />}
        <div class="form-actions">
          <button type="submit" class="primary" disabled={busy}>
            {w.save}
          </button>
          <button type="button" disabled={Object.keys(files).length < 2} onClick={remove}>
            {w.remove(open)}
          </button>
          <button type="button" onClick={() => go(`/library/${id}`)}>
            {t.close}
          </button>
        </div>
      </form>
    </div>
  );
}

function firstOf(files: Files): string {
  return "problem.yaml" in files ? "problem.yaml" : (Object.keys(files).sort()[0] ?? "");
}

function Saved({ saved }: { saved: ImportedQuestion }) {
  return (
    <div role="status">
      <p>{authoringWords().files.saved(saved.version)}</p>
      <Remarks remarks={saved.remarks} />
    </div>
  );
}

interface FileListProps {
  files: Files;
  open: string;
  onOpen: (path: string) => void;
  onAdd: (path: string) => void;
}

function FileList({ files, open, onOpen, onAdd }: FileListProps) {
  const w = authoringWords().files;
  const [path, setPath] = useState("");
  const add = (event: Event) => {
    event.preventDefault();
    const wanted = path.trim();
    if (wanted === "") return;
    if (wanted in files) onOpen(wanted);
    else onAdd(wanted);
    setPath("");
  };
  return (
    <nav aria-label={w.list}>
      <ul>
        {Object.keys(files)
          .sort()
          .map((each) => (
            <li key={each}>
              <button
                type="button"
                class="quiet"
                aria-current={each === open ? "true" : undefined}
                onClick={() => onOpen(each)}
              >
                {each}
              </button>
            </li>
          ))}
      </ul>
      <form onSubmit={add}>
        <label>
          {w.path}
          <input
            class="code"
            value={path}
            maxLength={300}
            spellcheck={false}
            placeholder="data/secret/01/003.in"
            onInput={(event) => setPath(event.currentTarget.value)}
          />
        </label>
        <button type="submit">{w.add}</button>
      </form>
    </nav>
  );
}
