/** An invitation: what is recorded, a name, in. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type Invitation } from "./api";
import { Icon } from "./icons";
import { go } from "./navigation";

export function Join({ token }: { token: string }) {
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [name, setName] = useState(localStorage.getItem("pizarra.name") ?? "");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const [waitingFor, setWaitingFor] = useState<string | null>(null);

  useEffect(() => {
    document.title = "Join · Pizarra";
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

  return (
    <main class="join">
      <p class="brand">
        <Icon name="board" /> Pizarra
      </p>
      {waitingFor !== null && <Waiting sessionId={waitingFor} />}
      {waitingFor === null && invitation === null && problem === null && (
        <p class="muted">Opening the invitation</p>
      )}
      {invitation === null && problem !== null && (
        <section role="alert">
          <h1>This link does not work</h1>
          <p>{problem}</p>
        </section>
      )}
      {waitingFor === null && invitation && (
        <form onSubmit={(event) => void join(event)}>
          <h1>{invitation.title}</h1>
          <p>
            You are invited as{" "}
            {invitation.role === "observer"
              ? "an observer: you watch"
              : `${article(invitation.role)}: you write and run code with others`}
            . No account is needed.
          </p>
          <h2>What is recorded</h2>
          <ul class="recorded">
            {invitation.recorded.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
          <p>{invitation.afterwards}</p>
          {invitation.waiting_room && <p>The interviewer lets you in once you have joined.</p>}
          {invitation.known_names.length > 0 && (
            <p class="known">
              Were you here before?{" "}
              {invitation.known_names.map((known) => (
                <button key={known} type="button" onClick={() => setName(known)}>
                  I am {known}
                </button>
              ))}
            </p>
          )}
          <label>
            Your name
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
            Join
          </button>
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
    document.title = "Waiting · Pizarra";
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
      <h1>You were not let in</h1>
      <p>If that is a mistake, ask the interviewer for a new link.</p>
    </section>
  ) : (
    <section role="status">
      <h1>You are in the waiting room</h1>
      <p>The interviewer sees that you are here and will let you in. Leave this page open.</p>
    </section>
  );
}

function article(role: string): string {
  return /^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`;
}
