/** The name of a new file, or another one for a file that is there. */
import "../styles/name-field.css";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../words";

interface NameFieldProps {
  start: string;
  check: (path: string) => string | null;
  onDone: (path: string | null) => void;
}

export function NameField({ start, check, onDone }: NameFieldProps) {
  const [path, setPath] = useState(start);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(0, Math.max(start.lastIndexOf("."), 0));
  }, [start]);
  const save = (event: Event) => {
    event.preventDefault();
    const wanted = path.trim();
    const found = wanted === start && start !== "" ? null : check(wanted);
    if (found) setProblem(found);
    else onDone(wanted === start ? null : wanted);
  };
  return (
    <form class="name-field" onSubmit={save}>
      <input
        ref={field}
        value={path}
        aria-label={start ? t.files.newName(start) : t.files.nameOfNew}
        placeholder={t.files.nameExample}
        aria-invalid={problem !== null}
        onInput={(event) => setPath(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onDone(null);
          }
        }}
      />
      <button type="submit">{start ? t.files.renameIt : t.files.add}</button>
      <button type="button" class="quiet" onClick={() => onDone(null)}>
        {t.cancel}
      </button>
      {problem && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </form>
  );
}
