/** The session's language: hosts choose it, the others read it. */
import { type ApiError, api, type Language, type LanguageInfo, type Session } from "../api";
import { told } from "../told";
import { useValue } from "../observable";
import { toast } from "../toast";
import type { Room } from "./room";
import { t } from "../words";

interface LanguageProps {
  room: Room;
  session: Session;
  languages: LanguageInfo[];
  enabled: boolean;
}

export function LanguageChoice({ room, session, languages, enabled }: LanguageProps) {
  const language = useValue(room.language);
  const choose = async (next: Language) => {
    room.choosing = next;
    try {
      await api.update(session.session_id, { language: next });
    } catch (error) {
      room.choosing = null;
      toast((error as ApiError).message);
    }
  };
  const chosen = languages.find((known) => known.id === language);
  const hint = chosen && told(chosen);
  if (!enabled)
    return (
      <span class="muted language" title={hint}>
        {chosen?.name}
      </span>
    );
  return (
    <select
      class="language"
      aria-label={t.session.language}
      title={hint}
      value={language}
      onChange={(event) => void choose(event.currentTarget.value as Language)}
    >
      {languages.map((known) => (
        <option key={known.id} value={known.id}>
          {known.name}
        </option>
      ))}
    </select>
  );
}
