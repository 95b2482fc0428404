/** The name of a new file, or another one for a file that is there. */
import "../styles/name-field.css";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../words";
import { fileWords } from "../words/files";
import { addFile, problemWithNew, problemWithPath } from "./new-file";
import type { Room } from "./room";

/** Which text gets another name; null: a new file gets its first. */
export interface Naming {
  renames: string | null;
}

interface NameOfProps {
  room: Room;
  naming: Naming;
  /** Told the text that was added; null where nothing is to be opened. */
  onDone: (added: string | null) => void;
}

export function NameOf({ room, naming: { renames }, onDone }: NameOfProps) {
  const { files } = room;
  const check = (wanted: string) => {
    if (renames === null) return problemWithNew(room, wanted);
    return room.mayWrite.get()
      ? problemWithPath(wanted, otherPaths(room, renames))
      : t.withheld.refusedNow;
  };
  const onName = (wanted: string | null) => {
    if (renames === null) return onDone(wanted === null ? null : addFile(room, wanted, ""));
    if (wanted !== null) files.rename(files.pathOf(renames), wanted.normalize("NFC"));
    onDone(null);
  };
  const start = renames === null ? "" : files.pathOf(renames);
  return <NameField start={start} check={check} onDone={onName} />;
}

/** The paths that another name must not be; a file may change the case of its own. */
function otherPaths(room: Room, name: string): string[] {
  return room.files.paths.filter((path) => room.files.named(path) !== name);
}

interface NameFieldProps {
  start: string;
  check: (path: string) => string | null;
  onDone: (path: string | null) => void;
}

function NameField({ start, check, onDone }: NameFieldProps) {
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
        aria-label={start ? fileWords().newName(start) : fileWords().nameOfNew}
        placeholder={fileWords().nameExample}
        aria-invalid={problem !== null}
        onInput={(event) => setPath(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onDone(null);
          }
        }}
      />
      <button type="submit">{start ? fileWords().renameIt : fileWords().add}</button>
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
