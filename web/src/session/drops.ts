/** Files dropped onto the page: into the code at their place, onto the tabs as files; nowhere do they replace the page. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { fetched } from "../parts";
import { toast } from "../toast";
import { t } from "../words";
import type { Room } from "./room";
import { relative } from "./follow";

const ON_TABS = ".tab-bar";

/** Take what is dropped into an editor. */
export function takeDrops(room: Room, name: string): Extension {
  return EditorView.domEventHandlers({
    drop: (event, view) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0 || view.state.readOnly) return false;
      const at =
        view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.selection.main.head;
      // Others may type while it is read.
      void insert(room, view, relative(room.files.text(name), at), files);
      event.preventDefault();
      return true;
    },
  });
}

const reading = () => import("./uploads");

/** Add files as files of the session; return the name of the last one's text, null when none could be added. */
export async function uploaded(room: Room, files: readonly File[]): Promise<string | null> {
  return (await fetched(reading)).upload(room, files);
}

async function insert(
  room: Room,
  view: EditorView,
  place: unknown,
  files: readonly File[],
): Promise<void> {
  const { readText, tell } = await fetched(reading);
  const read = await Promise.all(files.map((file) => readText(room, file)));
  tell(read.map(({ word }) => word));
  const text = read.map((each) => each.text ?? "").join("");
  const at = room.files.locate(place)?.index;
  if (text === "" || at === undefined || !view.dom.isConnected) return;
  if (view.state.readOnly) {
    toast(t.withheld.refusedNow);
    return;
  }
  const selection = { anchor: at, head: at + text.length };
  view.dispatch({
    changes: { from: at, insert: view.state.toText(text) },
    selection,
    userEvent: "input.drop",
  });
  view.focus();
}

/** Keep the browser from leaving the session for a file that was dropped beside the code; return how to stop. */
export function guardDrops(onTabs: (files: File[]) => void): () => void {
  const onDrag = (event: DragEvent) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  const onDrop = (event: DragEvent) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (event.defaultPrevented || files.length === 0) return;
    event.preventDefault();
    if (event.target instanceof Element && event.target.closest(ON_TABS)) onTabs(files);
    else toast(t.files.dropElsewhere);
  };
  addEventListener("dragover", onDrag);
  addEventListener("drop", onDrop);
  return () => {
    removeEventListener("dragover", onDrag);
    removeEventListener("drop", onDrop);
  };
}
