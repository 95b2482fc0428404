/** The REST API, typed by the server's own description of it. */
import type { components } from "./api.gen";
import { t } from "./words";

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
export type TimelineEntry = Schemas["TimelineEntryRead"];
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
export type Team = Schemas["TeamRead"];
export type SignInInfo = Schemas["SignInRead"];
export type TokenInfo = Schemas["TokenRead"];
export type Admission = Schemas["Admission"]["state"];

/** An answer other than success; `message` is the server's `detail`, meant for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What a problem says, in the page's language as far as the page knows it. */
export function explained(problem: { code: string; detail: string } | null): string | null {
  if (problem === null) return null;
  const said = t.said(problem.detail);
  const known = t.problems[problem.code];
  return said !== problem.detail || known === undefined ? said : known.replace("{detail}", () => said);
}

async function request(
  method: string,
  path: string,
  body?: unknown,
  more: RequestInit = {},
): Promise<Response> {
  const init: RequestInit = { method, ...more };
  if (body !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, t.unreachable);
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as Schemas["Problem"] | null;
  throw new ApiError(response.status, explained(problem) ?? t.answered(response.status));
}

const json = async <T>(response: Promise<Response>): Promise<T> => (await response).json() as Promise<T>;
const session = (id: string) => `/api/sessions/${id}`;

let expectedSession: { id: string; answer: Promise<Session> } | null = null;

/** Ask for a session that a screen will want as soon as its code is here. */
export function expectSession(id: string): void {
  const answer = json<Session>(request("GET", session(id)));
  answer.catch(() => undefined); // whoever asks is told
  expectedSession = { id, answer };
}

export const api = {
  sessions: (skip: number, limit: number, text: string, status: Session["status"] | null) => {
    const query = new URLSearchParams({ skip: String(skip), limit: String(limit), activity: "true" });
    if (text) query.set("q", text);
    if (status) query.set("status", status);
    return json<ListedSession[]>(request("GET", `/api/sessions?${query}`));
  },
  session: (id: string) => {
    const expected = expectedSession?.id === id ? expectedSession.answer : null;
    expectedSession = null;
    return expected ?? json<Session>(request("GET", session(id)));
  },
  create: (body: SessionCreate) => json<Session>(request("POST", "/api/sessions", body)),
  update: (id: string, body: SessionUpdate) => json<Session>(request("PATCH", session(id), body)),
  end: (id: string) => json<Session>(request("POST", `${session(id)}/end`)),
  reopen: (id: string) => json<Session>(request("POST", `${session(id)}/reopen`)),
  /** `keepalive`: it is sent even when the page is being left. */
  remove: (id: string) => request("DELETE", session(id), undefined, { keepalive: true }),
  /** All of the interviewers' log beyond an entry. */
  notes: async (id: string, after: number) => {
    const found: PrivateEntry[] = [];
    for (;;) {
      const from = found.at(-1)?.seq ?? after;
      const page = await json<PrivateEntry[]>(
        request("GET", `${session(id)}/notes?limit=1000&after=${from}`),
      );
      found.push(...page);
      if (page.length < 1000) return found;
    }
  },
  addNote: (id: string, kind: "note" | "chat", text: string) =>
    json<PrivateEntry>(request("POST", `${session(id)}/notes`, { kind, text })),
  changeNote: (id: string, seq: number, text: string) =>
    json<PrivateEntry>(request("PATCH", `${session(id)}/notes/${seq}`, { text })),
  removeNote: (id: string, seq: number) => request("DELETE", `${session(id)}/notes/${seq}`),
  tests: (id: string) => json<TestsRead>(request("GET", `${session(id)}/tests`)),
  keepTests: (id: string, tests: readonly TestCase[]) =>
    json<TestsRead>(request("PUT", `${session(id)}/tests`, { tests })),
  scores: (id: string) => json<Scorecard[]>(request("GET", `${session(id)}/scores`)),
  keepScores: (id: string, scores: Partial<Score>[]) =>
    json<Scorecard>(request("PUT", `${session(id)}/scores`, { scores })),
  submitScores: (id: string) => json<Scorecard>(request("POST", `${session(id)}/scores/submit`)),
  timeline: (id: string, after: number, kinds?: string) =>
    json<TimelineEntry[]>(
      request("GET", `${session(id)}/timeline?limit=1000&after=${after}${kinds ? `&kinds=${kinds}` : ""}`),
    ),
  branches: (id: string) => json<BranchInfo[]>(request("GET", `${session(id)}/branches`)),
  openBranch: (id: string, name: string, at: number | null) =>
    json<BranchInfo>(request("POST", `${session(id)}/branches`, { name, at })),
  resumeBranch: (id: string, branch: number) =>
    json<BranchInfo>(request("POST", `${session(id)}/branches/${branch}/resume`)),
  runAt: (id: string, at: number, stdin: string) =>
    json<Schemas["RunRead"]>(request("POST", `${session(id)}/runs?wait=true`, { at, stdin })),
  files: (id: string) => json<FileInfo[]>(request("GET", `${session(id)}/files`)),
  file: async (id: string, path: string) =>
    (
      await request("GET", `${session(id)}/files/${path.split("/").map(encodeURIComponent).join("/")}`)
    ).text(),
  format: (id: string, path: string, text: string) =>
    json<Schemas["FormatRead"]>(request("POST", `${session(id)}/format`, { path, text })),
  assist: (id: string, body: Schemas["AssistCreate"]) =>
    json<Schemas["AssistRead"]>(request("POST", `${session(id)}/assist`, body)),
  languages: () => json<LanguageInfo[]>(request("GET", "/api/languages")),
  invitation: (token: string) =>
    json<Invitation>(request("GET", `/api/invitations/${encodeURIComponent(token)}`)),
  join: (token: string, name: string) => json<Joined>(request("POST", "/api/join", { token, name })),
  leave: () => request("POST", "/api/leave"),
  rehearse: (token: string) => json<Joined>(request("POST", "/api/rehearsals", { token })),
  admission: async (id: string) =>
    (await json<Schemas["Admission"]>(request("GET", `${session(id)}/admission`))).state,
  invite: (id: string, role: Schemas["InvitedRole"]) =>
    json<Schemas["InviteRead"]>(request("POST", `${session(id)}/invites`, { role })),
  rotate: (id: string) => json<Schemas["InviteRead"]>(request("POST", `${session(id)}/invites/rotate`)),
  admit: (id: string, person: string) =>
    request("PATCH", `${session(id)}/people/${person}`, { admitted: true }),
  changeRole: (id: string, person: string, role: Role) =>
    request("PATCH", `${session(id)}/people/${person}`, { role }),
  removePerson: (id: string, person: string) => request("DELETE", `${session(id)}/people/${person}`),
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
  resetAccount: (id: string) => json<Schemas["LinkRead"]>(request("POST", `/api/accounts/${id}/reset`)),
  teams: () => json<Team[]>(request("GET", "/api/teams")),
  createTeam: (name: string) => request("POST", "/api/teams", { name }),
  updateTeam: (id: string, body: Partial<Schemas["TeamUpdate"]>) =>
    request("PATCH", `/api/teams/${id}`, body),
};
