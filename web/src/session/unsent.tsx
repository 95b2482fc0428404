/** What was written in this browser and never reached the session: to be seen, copied, and sent when that is possible. */
import { useEffect, useState } from "preact/hooks";
import { api, type Session } from "../api";
import { LeftBehind } from "../collab/left-behind";
import { askBeforeLeaving } from "../navigation";
import { copy } from "../toast";
import { t } from "../words";
import { useReopening } from "./reopening";
import type { ShownFile, Withheld } from "./withheld-files";
import { filesOf } from "./withheld-files";

interface UnsentProps extends Withheld {
  onThrownAway: () => void;
}

export function Unsent({ why, files, left, onThrownAway }: UnsentProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => askBeforeLeaving(() => !copied), [copied]);
  return (
    <section class="banner unsent" role="alert">
      <p>
        {why} {t.withheld.soItWas}
      </p>
      <button type="button" onClick={() => void copy(asText(files), t.links.text).then(setCopied)}>
        {t.session.copyMyText}
      </button>{" "}
      <button type="button" class="quiet" onClick={() => void left.forget().then(onThrownAway)}>
        {t.session.throwAway}
      </button>
      {files.map((file) => (
        <details key={file.path}>
          <summary>{file.path}</summary>
          <pre tabIndex={0}>{file.text}</pre>
        </details>
      ))}
    </section>
  );
}

function asText(files: readonly ShownFile[]): string {
  return files.map((file) => `${file.path}\n${file.text}`).join("\n\n");
}

/** The files as this browser had them, where they differ from the session's; null when nothing is left behind. */
async function find(session: Session): Promise<Withheld | null> {
  const left = await LeftBehind.in(session.room_id);
  if (left.isEmpty) return null;
  const there = (path: string) => api.file(session.session_id, path).catch(() => null);
  const files = await filesOf(left, null, there);
  if (files.length > 0) return { why: t.withheld.ended, left, files };
  await left.forget(); // it did arrive
  return null;
}

/** For who is not let into the room any more. */
export function UnsentHere({ roomId }: { roomId: string }) {
  const [found, setFound] = useState<Withheld | null>(null);
  useEffect(() => {
    const show = async () => {
      const left = await LeftBehind.in(roomId);
      const files = left.isEmpty ? [] : await filesOf(left, null, () => null);
      if (files.length > 0) setFound({ why: t.withheld.out, left, files });
    };
    void show();
  }, [roomId]);
  return found && <Unsent {...found} onThrownAway={() => setFound(null)} />;
}

interface UnsentAtEndProps {
  session: Session;
  onReopened: (session: Session) => void;
}

export function UnsentAtEnd({ session, onReopened }: UnsentAtEndProps) {
  const [found, setFound] = useState<Withheld | null>(null);
  useEffect(() => {
    find(session).then(setFound, () => undefined);
  }, [session]);
  useReopening(session, onReopened, found !== null); // where it takes edits again, they are sent by opening it
  return found && <Unsent {...found} onThrownAway={() => setFound(null)} />;
}
