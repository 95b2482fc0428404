/** Questions as they are written, over the REST API: proposed from a text, edited as files, proven, tried out. */
import { type ImportedQuestion, json, type Proof, request, type Session } from "../api";
import type { components } from "../api.gen";

export type Proposal = components["schemas"]["QuestionProposed"];
export type Files = Readonly<Record<string, string>>;

const question = (id: string) => `/api/questions/${id}`;

export const authoringApi = {
  /** What a pasted signature or an exercise would be; nothing is kept. */
  propose: (text: string, statement: string) =>
    json<Proposal>(request("POST", "/api/questions/propose", { text, statement })),
  /** The files of a question's package, and what says that nobody has changed it since. */
  files: async (id: string) => {
    const answer = await request("GET", `${question(id)}/files`);
    const { files } = (await answer.json()) as components["schemas"]["QuestionFiles"];
    return { files: files as Files, tag: answer.headers.get("etag") ?? "" };
  },
  writeFiles: (id: string, files: Files, tag: string) =>
    json<ImportedQuestion>(
      request("PUT", `${question(id)}/files`, { files }, { headers: { "if-match": tag } }),
    ),
  /** Begin to prove it; `running`: it goes on, and is read with the question. */
  prove: (id: string) => json<Proof>(request("POST", `${question(id)}/prove`)),
  stopProof: (id: string) => request("POST", `${question(id)}/prove/stop`),
  /** A session that is there to try a question out, as its candidate. */
  rehearse: (id: string) =>
    json<Session>(request("POST", "/api/sessions", { question_id: id, rehearsal: true })),
};
