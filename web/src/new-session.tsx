/** The form for a new session: Enter creates it, copies the candidate's link and goes there. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Language, type LanguageInfo, type Session } from "./api";
import { go } from "./navigation";
import { useSubmit } from "./submit";
import { copy } from "./toast";

export function NewSession({ languages, onCancel }: { languages: LanguageInfo[]; onCancel: () => void }) {
  const [title, setTitle] = useState("");
  const [language, setLanguage] = useState<Language>("python");
  const [code, setCode] = useState("");
  const [waiting, setWaiting] = useState(false);
  const [keeps, setKeeps] = useState<Session["candidate_keeps"]>("timeline");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const { busy, problem, submit } = useSubmit(async () => {
    const session = await api.create({
      language,
      ...(title.trim() ? { title: title.trim() } : {}),
      ...(code ? { initial_code: code } : {}),
      waiting_room: waiting,
      candidate_keeps: keeps,
    });
    await copy(session.share_url ?? "", "Candidate link");
    go(`/s/${session.session_id}`);
  });

  return (
    <form
      class="new-session"
      aria-label="New session"
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <label>
        Title
        <input
          ref={first}
          value={title}
          maxLength={200}
          placeholder="Two Sum, warm-up"
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <label>
        Language
        <select value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
          {languages.map((known) => (
            <option key={known.id} value={known.id}>
              {known.name}
            </option>
          ))}
        </select>
      </label>
      <label class="wide">
        Starter code <span class="muted">empty: a short example</span>
        <textarea
          class="code"
          rows={4}
          value={code}
          spellcheck={false}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
      </label>
      <label>
        Afterwards, candidates may read and download
        <select
          value={keeps}
          onChange={(event) => setKeeps(event.currentTarget.value as Session["candidate_keeps"])}
        >
          <option value="timeline">the code and everything recorded</option>
          <option value="code">the code</option>
          <option value="nothing">nothing</option>
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={waiting}
          onChange={(event) => setWaiting(event.currentTarget.checked)}
        />
        Waiting room: I let people in
      </label>
      {problem && (
        <p class="problem wide" role="alert">
          {problem}
        </p>
      )}
      <div class="form-actions wide">
        <button type="submit" class="primary" disabled={busy}>
          Create and copy link
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
