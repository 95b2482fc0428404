/** What one does with the open file, and with a new one. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo } from "../api";
import { Lazy } from "../lazy";
import { Menu } from "../menu";
import { toast } from "../toast";
import { t } from "../words";
import { bringBack } from "./bring-back";
import { languageOf, mainOf } from "./paths";
import type { Room } from "./room";
import { uploaded } from "./drops";
import type { Naming } from "./name-field";

const nameField = async () => (await import("./name-field")).NameOf;
/** The editor comes first; then the field is fetched, so that it is there when somebody wants it. */
const FETCHED_MS = 1000;

interface FileMenuProps {
  room: Room;
  /** The text of the open file; null when that is not listed any more. */
  open: string | null;
  languages: readonly LanguageInfo[];
  mayWrite: boolean;
  onOpen: (name: string) => void;
  /** Nothing comes of a new name, or what has it is open already. */
  onNamed: () => void;
  onDeleted: () => void;
  children?: ComponentChildren;
}

export function FileMenu(props: FileMenuProps) {
  const { room, open, mayWrite, onOpen, onNamed, children } = props;
  const [naming, setNaming] = useState<Naming | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => void nameField().catch(() => undefined), FETCHED_MS);
    return () => clearTimeout(timer);
  }, []);
  const onDone = (named: string | null) => {
    setNaming(null);
    if (named === null) onNamed();
    else onOpen(named);
  };
  useEscape(naming !== null, () => onDone(null));
  if (naming !== null)
    return <Lazy key="name" quiet load={nameField} with={{ room, naming, onDone }} />;
  return (
    <>
      {mayWrite && (
        <button
          type="button"
          class="quiet"
          aria-label={t.files.new}
          title={t.files.new}
          onClick={() => setNaming({ renames: null })}
        >
          +
        </button>
      )}
      <span class="spacer" />
      {children}
      <Menu label={t.files.menu} face="⋯">
        {(close) => (
          <Items
            {...props}
            onChosen={close}
            onRename={() => setNaming({ renames: open })}
            onUpload={() => picker.current?.click()}
          />
        )}
      </Menu>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={t.files.toUpload}
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          void uploaded(room, chosen).then((name) => name && onOpen(name));
        }}
      />
    </>
  );
}

/** Until the field for a name is there, nothing has the focus that could hear that it is not wanted. */
function useEscape(isNaming: boolean, onEscape: () => void): void {
  const latest = useRef(onEscape);
  latest.current = onEscape;
  useLayoutEffect(() => {
    if (!isNaming) return;
    const leave = ({ key, target }: KeyboardEvent) => {
      if (key === "Escape" && target === document.body) latest.current();
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [isNaming]);
}

interface ItemsProps extends FileMenuProps {
  onChosen: () => void;
  onRename: () => void;
  onUpload: () => void;
}

function Items(props: ItemsProps) {
  const { room, open, languages, mayWrite, onOpen, onDeleted, onChosen } = props;
  const { files } = room;
  const path = open === null ? null : files.pathOf(open);
  const isMain = path !== null && mainOf(languageOf(path), languages) === path;
  const item = (label: string, action: () => void) => (
    <button
      type="button"
      onClick={() => {
        onChosen();
        action();
      }}
    >
      {label}
    </button>
  );
  const back = (name: string) => {
    if (bringBack(room, name)) onOpen(name);
  };
  const remove = (path: string, name: string) => {
    if (!files.remove(path)) return;
    onDeleted();
    toast(t.files.deleted(path), { label: t.undo, run: () => back(name) });
  };
  return (
    <>
      {open !== null && path !== null && (
        <>
          {item(t.files.download(path), () => saveFile(room, open))}
          {mayWrite && !isMain && item(t.files.rename(path), props.onRename)}
          {mayWrite && !isMain && item(t.files.delete(path), () => remove(path, open))}
          {mayWrite && isMain && <span class="muted">{t.files.isMain(path)}</span>}
        </>
      )}
      {mayWrite && item(t.files.upload, props.onUpload)}
      {mayWrite &&
        files
          .deleted()
          .map((name) => item(t.files.bringBack(files.pathOf(name)), () => back(name)))}
    </>
  );
}

/** Save a file on this computer. */
export function saveFile(room: Room, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(
    new Blob([room.files.text(name).toString()], { type: "text/plain" }),
  );
  const path = room.files.pathOf(name);
  link.href = address;
  link.download = path.slice(path.lastIndexOf("/") + 1);
  link.click();
  URL.revokeObjectURL(address);
}
