/** What stands where the code would, while a session has no file: who may write makes one, or brings one back. */
import type { LanguageInfo } from "../api";
import { useValue } from "../observable";
import { t } from "../words";
import { fileWords } from "../words/files";
import { bringBack } from "./bring-back";
import { addFile } from "./new-file";
import { mainOf } from "./paths";
import type { Room } from "./room";

export interface NoFileProps {
  room: Room;
  readOnly: boolean;
  languages: readonly LanguageInfo[];
  onMade: (name: string | null) => void;
}

export function NoFile({ room, readOnly, languages, onMade }: NoFileProps) {
  const main = mainOf(useValue(room.language), languages);
  const { none, noneWhy, make } = fileWords();
  return (
    <section class="loading">
      <div class="empty">
        <p>{none}</p>
        {!readOnly && (
          <>
            <p class="muted">{noneWhy}</p>
            {main !== null && (
              <button type="button" class="primary" onClick={() => onMade(addFile(room, main, ""))}>
                {make(main)}
              </button>
            )}
            {room.files.deleted().map((name) => (
              <button
                key={name}
                type="button"
                onClick={() => bringBack(room, name) && onMade(name)}
              >
                {t.files.bringBack(room.files.pathOf(name))}
              </button>
            ))}
          </>
        )}
      </div>
    </section>
  );
}
