/** The REST API, typed by the server's own description of it. */
import type { components } from "./api.gen";
import { hearDate } from "./clock";
import { locale, t } from "./words";

type Schemas = components["schemas"];
export type Session = Schemas["SessionRead"];
export type ListedSession = Schemas["SessionListed"];
export type Signal = Schemas["Signal"];
export type BranchInfo = Schemas["BranchRead"];
export type ShownBranch = Schemas["Branch"];
export type Suggestion = Schemas["Suggestion"];
export type PrivateEntry = Schemas["PrivateEntryRead"];
export type Scorecard = Schemas["ScorecardRead"];
export type Score = Schemas["Score"];
export type TestCase = Schemas["TestCase"];
export type TestsRead = Schemas["TestsRead"];
/** An entry of any kind, those of newer versions too. */
export type TimelineEntry = Omit<Schemas["EditEntry"], "kind" | "data"> & {
  kind: string;
  data: Record<string, unknown>;
};
export type SessionCreate = Partial<Schemas["SessionCreate"]>;
export type SessionUpdate = Partial<Schemas["SessionUpdate"]>;
export type LanguageInfo = Schemas["LanguageRead"];
export type Language = Schemas["Language"];
export type FileInfo = Schemas["FileRead"];
export type Invitation = Schemas["InvitationPreview"];
export type Joined = Schemas["JoinRead"];
export type Role = Schemas["Role"];
export type ServerMessage = Schemas["ServerMessage"];
export type ClientMessage = Schemas["ClientMessage"];
export type RunSummary = Schemas["RunSummary"];
export type OutputChunk = Schemas["OutputChunk"];
export type Diagnostic = Schemas["DiagnosticFound"];
export type Person = Schemas["Person"];
export type Me = Schemas["Me"];
export type Account = Schemas["AccountRead"];
export type LinkOf = Schemas["LinkOf"];
export type Team = Schemas["TeamRead"];
export type SignInInfo = Schemas["SignInRead"];
export type TokenInfo = Schemas["TokenRead"];
export type Verdict = Schemas["Verdict"];
export type Decision = Schemas["DecisionRead"];
export type Decisions = Schemas["DecisionsRead"];
export type ReplayLink = Schemas["ReplayLinkRead"];
export type SharedReplay = Schemas["ReplayRead"];
export type Keeping = Schemas["KeepingRead"];
export type Line = Schemas["Line"];
export type Clock = Schemas["Clock"];
export type ListedQuestion = Schemas["QuestionListed"];
/** What one has to know of a question to begin a session with it. */
export type UsableQuestion = Pick<
  ListedQuestion,
  "question_id" | "title" | "languages" | "difficulty" | "minutes"
>;
/** The server sends all of it, also what may be left out of a new one. */
export type Question = Required<Schemas["QuestionRead"]>;
export type QuestionCreate = Partial<Schemas["QuestionCreate"]> & { title: string };
export type QuestionUpdate = Partial<Schemas["QuestionUpdate"]>;
export type Plan = Schemas["PlanRead"];
export type PlanWrite = Omit<Schemas["PlanCreate"], "rubric"> & { rubric?: string[] };
export type SessionPlan = Schemas["SessionPlanRead"];
export type Proof = Schemas["ProofRead"];
export type ImportedQuestion = Schemas["QuestionImported"];
export type Problem = Schemas["ProblemRead"];
export type ProblemPut = Schemas["ProblemPut"];
export type SampleResult = Schemas["SampleResult"];
export type Admission = Schemas["Admission"]["state"];

/** An answer other than success; `message` is the server's `detail`, meant for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The fields of the request that are refused, where that is known. */
    readonly fields: Schemas["FieldError"][] = [],
  ) {
    super(message);
  }
}

/** What a problem says, in the page's language as far as the page knows it. */
export function explained(problem: { code: string; detail: string } | null): string | null {
  if (problem === null) return null;
  const said = t.said(problem.detail);
  const known = t.problems[problem.code];
  return said !== problem.detail || known === undefined
    ? said
    : known.replace("{detail}", () => said);
}

export async function request(
  method: string,
  path: string,
  body?: unknown,
  more: RequestInit = {},
): Promise<Response> {
  const headers: Record<string, string> = { "accept-language": locale.get() };
  const init: RequestInit = { ...more, method, headers: Object.assign(headers, more.headers) };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, t.unreachable);
  }
  hearDate(response.headers.get("date"));
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as Schemas["Problem"] | null;
  const isOurs = problem !== null && response.headers.get("content-language") === locale.get();
  throw new ApiError(
    response.status,
    (isOurs ? problem.detail : explained(problem)) ?? t.answered(response.status),
    problem?.errors ?? [],
  );
}

export const json = async <T>(response: Promise<Response>): Promise<T> =>
  (await response).json() as Promise<T>;
export const sessionPath = (id: string) => `/api/sessions/${id}`;
const shared = (token: string) => `/api/replays/${encodeURIComponent(token)}`;

let expectedSession: { id: string; answer: Promise<Session> } | null = null;

/** Ask for a session that a screen will want as soon as its code is here. */
export function expectSession(id: string): void {
  const answer = json<Session>(request("GET", sessionPath(id)));
  answer.catch(() => undefined); // whoever asks is told
  expectedSession = { id, answer };
}

export const api = {
  /** A page of the list; of those planned `from` an instant on, the soonest first, where one is given. */
  sessions: (
    skip: number,
    limit: number,
    text: string,
    status: Session["status"] | null,
    from: Date | null = null,
  ) => {
    const query = new URLSearchParams({
      skip: String(skip),
      limit: String(limit),
      activity: "true",
      agenda: "true",
    });
    if (text) query.set("q", text);
    if (status) query.set("status", status);
    if (from) query.set("planned_from", from.toISOString());
    return json<ListedSession[]>(request("GET", `/api/sessions?${query}`));
  },
  session: (id: string) => {
    const expected = expectedSession?.id === id ? expectedSession.answer : null;
    expectedSession = null;
    return expected ?? json<Session>(request("GET", sessionPath(id)));
  },
  create: (body: SessionCreate) => json<Session>(request("POST", "/api/sessions", body)),
  update: (id: string, body: SessionUpdate) =>
    json<Session>(request("PATCH", sessionPath(id), body)),
  end: (id: string) => json<Session>(request("POST", `${sessionPath(id)}/end`)),
  reopen: (id: string) => json<Session>(request("POST", `${sessionPath(id)}/reopen`)),
  /** `keepalive`: it is sent even when the page is being left. */
  remove: (id: string) => request("DELETE", sessionPath(id), undefined, { keepalive: true }),
  /** All of the interviewers' log beyond an entry. */
  notes: async (id: string, after: number) => {
    const found: PrivateEntry[] = [];
    for (;;) {
      const from = found.at(-1)?.seq ?? after;
      const page = await json<PrivateEntry[]>(
        request("GET", `${sessionPath(id)}/notes?limit=1000&after=${from}`),
      );
      found.push(...page);
      if (page.length < 1000) return found;
    }
  },
  addNote: (id: string, kind: "note" | "chat", text: string) =>
    json<PrivateEntry>(request("POST", `${sessionPath(id)}/notes`, { kind, text })),
  changeNote: (id: string, seq: number, text: string) =>
    json<PrivateEntry>(request("PATCH", `${sessionPath(id)}/notes/${seq}`, { text })),
  removeNote: (id: string, seq: number) => request("DELETE", `${sessionPath(id)}/notes/${seq}`),
  tests: (id: string) => json<TestsRead>(request("GET", `${sessionPath(id)}/tests`)),
  keepTests: (id: string, tests: readonly TestCase[]) =>
    json<TestsRead>(request("PUT", `${sessionPath(id)}/tests`, { tests })),
  scores: (id: string) => json<Scorecard[]>(request("GET", `${sessionPath(id)}/scores`)),
  keepScores: (id: string, scores: Partial<Score>[]) =>
    json<Scorecard>(request("PUT", `${sessionPath(id)}/scores`, { scores })),
  submitScores: (id: string) =>
    json<Scorecard>(request("POST", `${sessionPath(id)}/scores/submit`)),
  decisions: (id: string) => json<Decisions>(request("GET", `${sessionPath(id)}/decisions`)),
  decide: (id: string, verdict: Verdict, text: string) =>
    json<Decision>(request("PUT", `${sessionPath(id)}/decision`, { verdict, text })),
  replayLinks: (id: string) =>
    json<ReplayLink[]>(request("GET", `${sessionPath(id)}/replay-links`)),
  createReplayLink: (id: string, with_notes: boolean, days: number) =>
    json<ReplayLink>(request("POST", `${sessionPath(id)}/replay-links`, { with_notes, days })),
  revokeReplayLink: (id: string, link: string) =>
    request("DELETE", `${sessionPath(id)}/replay-links/${link}`),
  sharedReplay: (token: string) => json<SharedReplay>(request("GET", shared(token))),
  sharedTimeline: (token: string, after: number) =>
    json<TimelineEntry[]>(request("GET", `${shared(token)}/timeline?limit=1000&after=${after}`)),
  sharedNotes: (token: string, after: number) =>
    json<PrivateEntry[]>(request("GET", `${shared(token)}/notes?limit=1000&after=${after}`)),
  setClock: (id: string, body: Partial<Schemas["ClockUpdate"]> & { minutes: number }) =>
    request("PUT", `${sessionPath(id)}/clock`, body),
  say: (id: string, text: string) => request("POST", `${sessionPath(id)}/lines`, { text }),
  keeping: (id: string) => json<Keeping>(request("GET", `${sessionPath(id)}/keeping`)),
  timeline: (id: string, after: number, kinds?: string) =>
    json<TimelineEntry[]>(
      request(
        "GET",
        `${sessionPath(id)}/timeline?limit=1000&after=${after}${kinds ? `&kinds=${kinds}` : ""}`,
      ),
    ),
  branches: (id: string) => json<BranchInfo[]>(request("GET", `${sessionPath(id)}/branches`)),
  openBranch: (id: string, name: string, at: number | null) =>
    json<BranchInfo>(request("POST", `${sessionPath(id)}/branches`, { name, at })),
  resumeBranch: (id: string, branch: number) =>
    json<BranchInfo>(request("POST", `${sessionPath(id)}/branches/${branch}/resume`)),
  runAt: (id: string, at: number, stdin: string) =>
    json<Schemas["RunRead"]>(request("POST", `${sessionPath(id)}/runs?wait=true`, { at, stdin })),
  files: (id: string) => json<FileInfo[]>(request("GET", `${sessionPath(id)}/files`)),
  file: async (id: string, path: string) =>
    (
      await request(
        "GET",
        `${sessionPath(id)}/files/${path.split("/").map(encodeURIComponent).join("/")}`,
      )
    ).text(),
  format: (id: string, path: string, text: string, client: number) =>
    json<Schemas["FormatRead"]>(
      request("POST", `${sessionPath(id)}/format`, { path, text, client }),
    ),
  assist: (id: string, body: Schemas["AssistCreate"]) =>
    json<Schemas["AssistRead"]>(request("POST", `${sessionPath(id)}/assist`, body)),
  languages: () => json<LanguageInfo[]>(request("GET", "/api/languages")),
  invitation: (token: string) =>
    json<Invitation>(request("GET", `/api/invitations/${encodeURIComponent(token)}`)),
  join: (token: string, name: string) =>
    json<Joined>(request("POST", "/api/join", { token, name })),
  leave: () => request("POST", "/api/leave"),
  rehearse: (token: string) => json<Joined>(request("POST", "/api/rehearsals", { token })),
  admission: async (id: string) =>
    (await json<Schemas["Admission"]>(request("GET", `${sessionPath(id)}/admission`))).state,
  invite: (id: string, role: Schemas["InvitedRole"]) =>
    json<Schemas["InviteRead"]>(request("POST", `${sessionPath(id)}/invites`, { role })),
  rotate: (id: string) =>
    json<Schemas["InviteRead"]>(request("POST", `${sessionPath(id)}/invites/rotate`)),
  people: (id: string) =>
    json<Schemas["PersonRead"][]>(request("GET", `${sessionPath(id)}/people`)),
  admit: (id: string, person: string) =>
    request("PATCH", `${sessionPath(id)}/people/${person}`, { admitted: true }),
  changeRole: (id: string, person: string, role: Role) =>
    request("PATCH", `${sessionPath(id)}/people/${person}`, { role }),
  removePerson: (id: string, person: string) =>
    request("DELETE", `${sessionPath(id)}/people/${person}`),
  me: () => json<Me>(request("GET", "/api/me")),
  signIn: (name: string, password: string) => request("POST", "/api/sign-in", { name, password }),
  signOut: () => request("POST", "/api/sign-out"),
  welcome: (body: Partial<Schemas["LinkUse"]>) => request("POST", "/api/welcome", body),
  changePassword: (old_password: string, password: string) =>
    request("PUT", "/api/me/password", { old_password, password }),
  signIns: () => json<SignInInfo[]>(request("GET", "/api/me/sign-ins")),
  endSignIn: (id: string) => request("DELETE", `/api/me/sign-ins/${id}`),
  tokens: () => json<TokenInfo[]>(request("GET", "/api/me/tokens")),
  createToken: (name: string, scope: TokenInfo["scope"]) =>
    json<Schemas["TokenCreated"]>(request("POST", "/api/me/tokens", { name, scope })),
  revokeToken: (id: string) => request("DELETE", `/api/me/tokens/${id}`),
  accounts: () => json<Account[]>(request("GET", "/api/accounts")),
  createAccount: (body: Partial<Schemas["AccountCreate"]>) =>
    json<Schemas["AccountCreated"]>(request("POST", "/api/accounts", body)),
  updateAccount: (id: string, body: Partial<Schemas["AccountUpdate"]>) =>
    request("PATCH", `/api/accounts/${id}`, body),
  resetAccount: (id: string) =>
    json<Schemas["LinkRead"]>(request("POST", `/api/accounts/${id}/reset`)),
  teams: () => json<Team[]>(request("GET", "/api/teams")),
  createTeam: (name: string) => request("POST", "/api/teams", { name }),
  updateTeam: (id: string, body: Partial<Schemas["TeamUpdate"]>) =>
    request("PATCH", `/api/teams/${id}`, body),
};
