/** Questions over the REST API: fetched with what needs them, for the editor's first load does not. */
import {
  type ImportedQuestion,
  json,
  type ListedQuestion,
  type Problem,
  type ProblemPut,
  type Question,
  type QuestionCreate,
  type QuestionUpdate,
  request,
  type SampleResult,
  sessionPath,
} from "../api";

/** Which questions to list; `minutes`: no longer ones; what is empty is no matter. */
export interface QuestionsWanted {
  q?: string;
  difficulty?: string;
  kind?: string;
  tag?: string;
  language?: string;
  skip?: number;
  limit?: number;
  minutes?: string;
  proven?: string;
  draft?: boolean;
}

export const questionsApi = {
  /** What a session is about; null: nobody gave it a question. */
  problem: async (id: string) => {
    const answer = await request("GET", `${sessionPath(id)}/problem?optional=true`);
    return answer.status === 204 ? null : ((await answer.json()) as Problem);
  },
  /** What came of each sample; empty where it takes so long that it is told later. */
  runSamples: (id: string, own: readonly { input: string; expected: string | null }[]) =>
    json<SampleResult[]>(request("POST", `${sessionPath(id)}/samples?wait=true`, { own })),
  /** Give a session a question, a follow-up of the one it has, or again what it had before. */
  giveProblem: (id: string, what: ProblemPut) =>
    json<Problem>(request("PUT", `${sessionPath(id)}/problem`, what)),
  /** A question, and what says that nobody has changed it since. */
  question: async (id: string) => {
    const answer = await request("GET", `/api/questions/${id}`);
    return { question: (await answer.json()) as Question, tag: answer.headers.get("etag") ?? "" };
  },
  create: (body: QuestionCreate) => json<Question>(request("POST", "/api/questions", body)),
  update: (id: string, body: QuestionUpdate, tag: string) =>
    json<Question>(
      request("PATCH", `/api/questions/${id}`, body, { headers: { "if-match": tag } }),
    ),
  /** What there is in an archive (ZIP) of packages: all of it is taken, or nothing. */
  importPackages: (archive: Blob) => {
    const headers = { "content-type": "application/zip" };
    const path = "/api/questions/import";
    return json<ImportedQuestion[]>(request("POST", path, undefined, { body: archive, headers }));
  },
  remove: (id: string) => request("DELETE", `/api/questions/${id}`),
  questions: (wanted: QuestionsWanted) => {
    const given = Object.entries(wanted).filter(([, value]) => value !== "");
    const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return json<ListedQuestion[]>(request("GET", `/api/questions?${query}`));
  },
};
