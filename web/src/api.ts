/** The REST API, typed by the server's own description of it. */
import type { components } from "./api.gen";

type Schemas = components["schemas"];
export type Session = Schemas["SessionRead"];
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

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, "The server does not answer. Check your connection and try again.");
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as Schemas["Problem"] | null;
  throw new ApiError(response.status, problem?.detail ?? `The server answered ${response.status}.`);
}

const json = async <T>(response: Promise<Response>): Promise<T> => (await response).json() as Promise<T>;
const session = (id: string) => `/api/sessions/${id}`;

export const api = {
  sessions: (skip: number, limit: number) =>
    json<Session[]>(request("GET", `/api/sessions?skip=${skip}&limit=${limit}`)),
  session: (id: string) => json<Session>(request("GET", session(id))),
  create: (body: SessionCreate) => json<Session>(request("POST", "/api/sessions", body)),
  update: (id: string, body: SessionUpdate) => json<Session>(request("PATCH", session(id), body)),
  end: (id: string) => json<Session>(request("POST", `${session(id)}/end`)),
  reopen: (id: string) => json<Session>(request("POST", `${session(id)}/reopen`)),
  remove: (id: string) => request("DELETE", session(id)),
  files: (id: string) => json<FileInfo[]>(request("GET", `${session(id)}/files`)),
  file: async (id: string, path: string) =>
    (
      await request("GET", `${session(id)}/files/${path.split("/").map(encodeURIComponent).join("/")}`)
    ).text(),
  languages: () => json<LanguageInfo[]>(request("GET", "/api/languages")),
  invitation: (token: string) =>
    json<Invitation>(request("GET", `/api/invitations/${encodeURIComponent(token)}`)),
  join: (token: string, name: string) => json<Joined>(request("POST", "/api/join", { token, name })),
  leave: () => request("POST", "/api/leave"),
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
