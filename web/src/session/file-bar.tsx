/** What stands above the code: a tab for each file, and what one does with the open one. */
import type { EditorView } from "@codemirror/view";
import type { ComponentChildren } from "preact";
import type { LanguageInfo } from "../api";
import { useValue } from "../observable";
import { TabRow } from "../tab-row";
import { t } from "../words";
import { FileMenu } from "./file-menu";
import type { OpenFile } from "./open-file";
import type { Room } from "./room";

/** Whether the open text is no file any more: somebody else has deleted it. */
export function useIsGone(room: Room, open: string | null): boolean {
  const listed = useValue(room.files.listed);
  return open !== null && listed.get(room.files.pathOf(open)) !== open;
}

interface FileBarProps {
  room: Room;
  file: OpenFile;
  languages: LanguageInfo[];
  readOnly: boolean;
  view: { current: EditorView | null };
  /** Whether the document has come, and what this person may do: nothing beside the tabs moves under a hand after that. */
  isHere: boolean;
  /** What one does with the open file beside the menu. */
  children: ComponentChildren;
}

export function FileBar(props: FileBarProps) {
  const { room, file, languages, readOnly, view, isHere, children } = props;
  const listed = useValue(room.files.listed);
  const { open, choose } = file;
  const isGone = useIsGone(room, open);
  return (
    <div class="tab-bar">
      <TabRow
        label={t.files.label}
        names={[...listed.keys()]}
        open={isGone || open === null ? null : room.files.pathOf(open)}
        onOpen={(path) => choose(listed.get(path) ?? null)}
      />
      {isHere && (
        <FileMenu
          room={room}
          open={isGone ? null : open}
          languages={languages}
          mayWrite={!readOnly}
          onOpen={choose}
          onNamed={() => view.current?.focus()}
          onDeleted={file.chooseFirst}
        >
          {children}
        </FileMenu>
      )}
    </div>
  );
}

interface ActionsProps {
  readOnly: boolean;
  onFormat: () => void;
  onPoint: () => void;
  suggesting: boolean;
  onSuggest: (() => void) | null;
}

export function Actions({ readOnly, onFormat, onPoint, suggesting, onSuggest }: ActionsProps) {
  return (
    <>
      {!readOnly && (
        <button type="button" class="quiet long" title="Ctrl Shift F" onClick={onFormat}>
          {t.files.format}
        </button>
      )}
      <button type="button" class="quiet long" title={t.people.pointHint} onClick={onPoint}>
        {t.people.point}
      </button>
      {onSuggest && (
        <button
          type="button"
          class="quiet long"
          title={t.bar.suggestHint}
          aria-expanded={suggesting}
          onClick={onSuggest}
        >
          {t.bar.suggest}
        </button>
      )}
    </>
  );
}
