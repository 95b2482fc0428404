/** A session, a run and a timeline with the types that openapi-typescript makes of our document. */
import type { components, operations } from "./made";

type Schemas = components["schemas"];
declare const process: { argv: string[] };
const server = process.argv[2]!;

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const headers = { "content-type": "application/json" };
  const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(server + path, init);
  if (!answer.ok) throw new Error(((await answer.json()) as Schemas["Problem"]).detail);
  return (await answer.json()) as T;
}

const wanted: NonNullable<operations["create_session"]["requestBody"]>["content"]["application/json"] = {
  initial_code: "print(42)\n",
} as Schemas["SessionCreate"];
const { session_id } = await ask<Schemas["SessionRead"]>("/api/sessions", wanted);
const run = await ask<Schemas["RunRead"]>(`/api/sessions/${session_id}/runs?wait=true`, {});
if (run.stdout !== "42\n") throw new Error(run.stdout);
const [first] = await ask<Schemas["TimelineEntryRead"][]>(`/api/sessions/${session_id}/timeline`);
if (first?.kind !== "edit" || first.data.update.length === 0) throw new Error("no edit");
