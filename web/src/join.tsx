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

  useEffect(() => {
    document.title = "Join · Pizarra";
    // Somebody who was in already, on this device, comes straight back as the same person.
    const sessionId = token.split(".")[0] ?? "";
    if (localStorage.getItem(`pizarra.joined.${sessionId}`) === token) {
      api.session(sessionId).then(() => go(`/s/${sessionId}`), show);
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
      go(`/s/${joined.session_id}`);
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
      {invitation === null && problem === null && <p class="muted">Opening the invitation</p>}
      {invitation === null && problem !== null && (
        <section role="alert">
          <h1>This link does not work</h1>
          <p>{problem}</p>
        </section>
      )}
      {invitation && (
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

function article(role: string): string {
  return /^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`;
}
