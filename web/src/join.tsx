/** An invitation: what is recorded, a name, in. */
import "./styles/home.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type Invitation, request, sessionPath } from "./api";
import { Icon } from "./icons";
import { ComputerCheck } from "./computer-check";
import { recall, remember } from "./remembered";
import { Libraries } from "./libraries";
import { go } from "./navigation";
import { PreferencesMenu } from "./preferences-menu";
import { useSubmit } from "./submit";
import { t } from "./words";
import { screenWords } from "./words/screens";

const OWN_NAME = "pizarra.name";

export function Join({ token }: { token: string }) {
  const [waitingFor, setWaitingFor] = useState<string | null>(null);
  const [gone, setGone] = useState<string | null>(null);
  const { invitation, problem } = useInvitation(token, setWaitingFor);
  return (
    <main class="join">
      <div class="brand">
        <Icon name="board" /> {t.brand}
        <span class="spacer" />
        <PreferencesMenu />
      </div>
      {waitingFor !== null && gone === null && (
        <Waiting sessionId={waitingFor} token={token} onGone={setGone} />
      )}
      {waitingFor === null && invitation === null && problem === null && (
        <p class="muted">{screenWords().joining.opening}</p>
      )}
      {(gone ?? problem) !== null && (
        <section role="alert">
          <h1>{screenWords().joining.broken}</h1>
          <p>{gone ?? problem}</p>
        </section>
      )}
      {waitingFor === null && invitation && (
        <JoinForm token={token} invitation={invitation} onWaiting={setWaitingFor} />
      )}
    </main>
  );
}

/** Read the invitation. Somebody who was in already, on this device, comes straight back as the same person. */
function useInvitation(token: string, onWaiting: (sessionId: string) => void) {
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    document.title = t.titled(screenWords().joining.title);
    const sessionId = token.split(".")[0] ?? "";
    const show = () => {
      api.invitation(token).then(setInvitation, (error: ApiError) => setProblem(error.message));
    };
    if (recall(`pizarra.joined.${sessionId}`) !== token) return show();
    api.admission(sessionId).then((state) => {
      if (state === "in") go(`/s/${sessionId}`, "instead");
      else if (state === "waiting") onWaiting(sessionId);
      else show();
    }, show);
  }, [token]);
  return { invitation, problem };
}

interface JoinFormProps {
  token: string;
  invitation: Invitation;
  onWaiting: (sessionId: string) => void;
}

function JoinForm({ token, invitation, onWaiting }: JoinFormProps) {
  const interviews = invitation.role === "interviewer";
  // A candidate may sit at a computer where another one sat: who interviews is asked once, they each time.
  const [name, setName] = useState(interviews ? (recall(OWN_NAME) ?? "") : "");
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const joining = useSubmit(async () => {
    const joined = await api.join(token, name.trim());
    if (interviews) remember(OWN_NAME, name.trim());
    remember(`pizarra.joined.${joined.session_id}`, token);
    if (joined.waiting) onWaiting(joined.session_id);
    else go(`/s/${joined.session_id}`, "instead");
  });
  const w = screenWords().joining;
  const ended = invitation.status === "ended";
  const wrong = joining.problem ?? problem;
  return (
    <form onSubmit={(event) => void joining.submit(event)}>
      <h1>{invitation.title || w.untitled}</h1>
      {ended ? <p>{w.ended[invitation.keeps]}</p> : <Terms invitation={invitation} />}
      <label>
        {w.yourName}
        <input
          name="name"
          ref={field}
          value={name}
          required
          maxLength={80}
          autocomplete="name"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {wrong && (
        <p class="problem" role="alert">
          {wrong}
        </p>
      )}
      <button type="submit" class="primary" disabled={joining.busy || !name.trim()}>
        {ended ? w.look : w.join}
      </button>
      {!ended && <Libraries />}
      {!ended && <ComputerCheck />}
      {!ended && invitation.role !== "observer" && (
        <p class="rehearse">
          <button
            type="button"
            onClick={() => rehearse(token).catch(({ message }: ApiError) => setProblem(message))}
          >
            {w.rehearse}
          </button>{" "}
          <span class="muted">{w.rehearseHint}</span>
        </p>
      )}
    </form>
  );
}

/** Go to a room of one's own, to try the editor. */
async function rehearse(token: string): Promise<void> {
  const room = await api.rehearse(token);
  remember(`pizarra.rehearsal.${room.session_id}`, token);
  go(`/s/${room.session_id}`, "instead");
}

/** What somebody is told before they come in. */
function Terms({ invitation }: { invitation: Invitation }) {
  return (
    <>
      <p>{invitedAs(invitation.role)}</p>
      <h2>{screenWords().joining.recorded}</h2>
      <ul class="recorded">
        {recordedIn(invitation).map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
      <p>{screenWords().joining.afterwards[invitation.keeps]}</p>
      {invitation.rules && (
        <>
          <h2>{screenWords().joining.rules}</h2>
          <p class="rules">{invitation.rules}</p>
        </>
      )}
      {invitation.waiting_room && <p>{screenWords().joining.waitingRoom}</p>}
    </>
  );
}

const ASK_MS = 1500;

interface WaitingProps {
  sessionId: string;
  token: string;
  /** The session was erased: what the link opens, and why it does not. */
  onGone: (why: string) => void;
}

/** Asks until the host has decided, or there is nothing to decide any more. */
function Waiting({ sessionId, token, onGone }: WaitingProps) {
  const [turnedAway, setTurnedAway] = useState(false);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    // Whoever comes back to the page asks again, and so waits again. `keepalive`: the page is being left.
    const leave = () => {
      const address = `${sessionPath(sessionId)}/admission/leave`;
      request("POST", address, undefined, { keepalive: true }).catch(() => undefined);
    };
    addEventListener("pagehide", leave);
    return () => removeEventListener("pagehide", leave);
  }, [sessionId]);
  useEffect(() => {
    document.title = t.titled(screenWords().joining.waiting);
    const look = async () => {
      const state = await api.admission(sessionId).catch((error: ApiError) => {
        if (error.status !== 404) throw error;
        return null; // its invitation says why
      });
      if (state === "in") return go(`/s/${sessionId}`, "instead");
      setTurnedAway(state === "out");
      if (state === "out") return;
      setEnded((await api.invitation(token)).status === "ended");
      if (state === null) location.reload(); // who they were is forgotten here: they may ask again
    };
    const timer = setInterval(() => {
      look().catch((error: ApiError) => {
        if (error.status === 404) onGone(error.message);
        // else the server is away: it is asked again
      });
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [sessionId, token, onGone]);
  const w = screenWords().joining;
  if (turnedAway || ended)
    return (
      <section role="alert">
        <h1>{turnedAway ? w.turnedAway : w.overMeanwhile}</h1>
        <p>{turnedAway ? w.ifMistake : w.overWhy}</p>
      </section>
    );
  return (
    <section role="status">
      <h1>{screenWords().joining.inWaitingRoom}</h1>
      <p>{screenWords().joining.willBeLetIn}</p>
    </section>
  );
}

function invitedAs(role: Invitation["role"]): string {
  if (role === "observer") return screenWords().joining.asObserver;
  return role === "candidate"
    ? screenWords().joining.asCandidate
    : screenWords().joining.asInterviewer;
}

/** What is recorded, as the server says it, in this page's language. */
function recordedIn({ signals }: Invitation): string[] {
  return [
    ...screenWords().joining.recordedItems,
    ...(signals === "none" ? [] : [screenWords().joining.recordedPastes]),
    ...(signals === "all" ? [screenWords().joining.recordedAway] : []),
  ];
}
