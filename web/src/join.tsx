/** An invitation: what is recorded, a name, in. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type Invitation } from "./api";
import { Icon } from "./icons";
import { ComputerCheck } from "./computer-check";
import { go } from "./navigation";
import { PreferencesMenu } from "./preferences-menu";
import { t } from "./words";

export function Join({ token }: { token: string }) {
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [name, setName] = useState(localStorage.getItem("pizarra.name") ?? "");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const [waitingFor, setWaitingFor] = useState<string | null>(null);

  useEffect(() => {
    document.title = t.titled(t.joining.title);
    // Somebody who was in already, on this device, comes straight back as the same person.
    const sessionId = token.split(".")[0] ?? "";
    if (localStorage.getItem(`pizarra.joined.${sessionId}`) === token) {
      api.admission(sessionId).then((state) => {
        if (state === "in") go(`/s/${sessionId}`);
        else if (state === "waiting") setWaitingFor(sessionId);
        else show();
      }, show);
      return;
    }
    show();
    function show() {
      api.invitation(token).then(
        (found) => {
          setInvitation(found);
          requestAnimationFrame(() => field.current?.focus());
        },
        (error: ApiError) => setProblem(error.message),
      );
    }
  }, [token]);

  const join = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const joined = await api.join(token, name.trim());
      localStorage.setItem("pizarra.name", name.trim());
      localStorage.setItem(`pizarra.joined.${joined.session_id}`, token);
      if (joined.waiting) setWaitingFor(joined.session_id);
      else go(`/s/${joined.session_id}`);
    } catch (error) {
      setProblem((error as ApiError).message);
      setBusy(false);
    }
  };

  const rehearse = async () => {
    try {
      const room = await api.rehearse(token);
      localStorage.setItem(`pizarra.rehearsal.${room.session_id}`, token);
      go(`/s/${room.session_id}`);
    } catch (error) {
      setProblem((error as ApiError).message);
    }
  };

  return (
    <main class="join">
      <div class="brand">
        <Icon name="board" /> {t.brand}
        <span class="spacer" />
        <PreferencesMenu />
      </div>
      {waitingFor !== null && <Waiting sessionId={waitingFor} />}
      {waitingFor === null && invitation === null && problem === null && (
        <p class="muted">{t.joining.opening}</p>
      )}
      {invitation === null && problem !== null && (
        <section role="alert">
          <h1>{t.joining.broken}</h1>
          <p>{problem}</p>
        </section>
      )}
      {waitingFor === null && invitation && (
        <form onSubmit={(event) => void join(event)}>
          <h1>{invitation.title}</h1>
          <p>{invitedAs(invitation.role)}</p>
          <h2>{t.joining.recorded}</h2>
          <ul class="recorded">
            {recordedIn(invitation).map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
          <p>{t.joining.afterwards[invitation.keeps]}</p>
          {invitation.rules && (
            <>
              <h2>{t.joining.rules}</h2>
              <p class="rules">{invitation.rules}</p>
            </>
          )}
          {invitation.waiting_room && <p>{t.joining.waitingRoom}</p>}
          {invitation.known_names.length > 0 && (
            <p class="known">
              {t.joining.hereBefore}{" "}
              {invitation.known_names.map((known) => (
                <button key={known} type="button" onClick={() => setName(known)}>
                  {t.joining.iAm(known)}
                </button>
              ))}
            </p>
          )}
          <label>
            {t.joining.yourName}
            <input
              ref={field}
              value={name}
              required
              maxLength={80}
              autocomplete="name"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          {problem && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" class="primary" disabled={busy || !name.trim()}>
            {t.joining.join}
          </button>
          <ComputerCheck />
          {invitation.role !== "observer" && (
            <p class="rehearse">
              <button type="button" onClick={() => void rehearse()}>
                {t.joining.rehearse}
              </button>{" "}
              <span class="muted">{t.joining.rehearseHint}</span>
            </p>
          )}
        </form>
      )}
    </main>
  );
}

const ASK_MS = 1500;

/** Asks until the host has decided. */
function Waiting({ sessionId }: { sessionId: string }) {
  const [turnedAway, setTurnedAway] = useState(false);
  useEffect(() => {
    document.title = t.titled(t.joining.waiting);
    const timer = setInterval(() => {
      api.admission(sessionId).then(
        (state) => {
          if (state === "in") go(`/s/${sessionId}`);
          setTurnedAway(state === "out");
        },
        () => undefined, // the server is away: ask again
      );
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [sessionId]);
  return turnedAway ? (
    <section role="alert">
      <h1>{t.joining.turnedAway}</h1>
      <p>{t.joining.ifMistake}</p>
    </section>
  ) : (
    <section role="status">
      <h1>{t.joining.inWaitingRoom}</h1>
      <p>{t.joining.willBeLetIn}</p>
    </section>
  );
}

function invitedAs(role: Invitation["role"]): string {
  if (role === "observer") return t.joining.asObserver;
  return role === "candidate" ? t.joining.asCandidate : t.joining.asInterviewer;
}

/** What is recorded, as the server says it, in this page's language. */
function recordedIn({ signals }: Invitation): string[] {
  return [
    ...t.joining.recordedItems,
    ...(signals === "none" ? [] : [t.joining.recordedPastes]),
    ...(signals === "all" ? [t.joining.recordedAway] : []),
  ];
}
