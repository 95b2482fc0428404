/** A session, a run and a timeline with what openapi-generator's `typescript-fetch` makes of our document. */
import { Configuration, RunsApi, SessionsApi, TimelineApi } from "./made/index";

declare const process: { argv: string[] };
const configuration = new Configuration({ basePath: process.argv[2]! });
const session = await new SessionsApi(configuration).createSession({
  sessionCreate: { initialCode: "print(42)\n" },
});
const { sessionId } = session;
const run = await new RunsApi(configuration).startRun({ sessionId, wait: true });
if (run.stdout !== "42\n") throw new Error(run.stdout);
const entries = await new TimelineApi(configuration).readTimeline({
  sessionId,
  kinds: ["edit", "run.started"],
});
if (entries.map((each) => each.kind).join() !== "edit,run.started") throw new Error("not these kinds");
