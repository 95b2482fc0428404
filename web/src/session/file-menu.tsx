/** What one does with the open file, and with a new one. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Menu } from "../menu";
import { toast } from "../toast";
import { t } from "../words";
import { addFile, deleteFile, problemWithPath, renameFile, saveFile } from "./file-actions";
import type { Room } from "./room";

const MAX_UPLOAD = 1_000_000;

interface FileMenuProps {
  room: Room;
  open: string | null;
  mains: readonly string[];
  mayWrite: boolean;
  onOpen: (path: string) => void;
  children?: ComponentChildren;
}

export function FileMenu({ room, open, mains, mayWrite, onOpen, children }: FileMenuProps) {
  const [naming, setNaming] = useState<"new" | "rename" | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const isMain = open !== null && mains.includes(open);

  const upload = async (chosen: FileList | null) => {
    for (const file of chosen ?? []) {
      const problem =
        file.size > MAX_UPLOAD ? t.files.tooLarge(file.name) : problemWithPath(file.name, room.paths.get());
      if (problem) {
        toast(problem);
        continue;
      }
      addFile(room, file.name, await file.text());
      onOpen(file.name);
    }
  };

  const remove = (path: string) => {
    const undo = deleteFile(room, path);
    toast(t.files.deleted(path), {
      label: t.undo,
      run: () => {
        undo();
        onOpen(path);
      },
    });
  };

  if (naming !== null)
    return (
      <NameField
        start={naming === "rename" && open !== null ? open : ""}
        check={(path) => problemWithPath(path, room.paths.get())}
        onDone={(path) => {
          if (path !== null && naming === "new") addFile(room, path, "");
          if (path !== null && naming === "rename" && open !== null) renameFile(room, open, path);
          if (path !== null) onOpen(path);
          setNaming(null);
        }}
      />
    );
  return (
    <>
      {mayWrite && (
        <button
          type="button"
          class="quiet"
          aria-label={t.files.new}
          title={t.files.new}
          onClick={() => setNaming("new")}
        >
          +
        </button>
      )}
      <span class="spacer" />
      {children}
      <Menu label={t.files.menu} face="⋯">
        {(close) => {
          const item = (label: string, action: () => void) => (
            <button
              type="button"
              onClick={() => {
                close();
                action();
              }}
            >
              {label}
            </button>
          );
          return (
            <>
              {open !== null && item(t.files.download(open), () => saveFile(room, open))}
              {mayWrite && item(t.files.upload, () => picker.current?.click())}
              {mayWrite && open !== null && !isMain && item(t.files.rename(open), () => setNaming("rename"))}
              {mayWrite && open !== null && !isMain && item(t.files.delete(open), () => remove(open))}
              {mayWrite && open !== null && isMain && <span class="muted">{t.files.isMain(open)}</span>}
            </>
          );
        }}
      </Menu>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={t.files.toUpload}
        onChange={(event) => {
          void upload(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
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
  useEffect(() => {
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
