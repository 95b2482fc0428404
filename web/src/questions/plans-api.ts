/** Plans over the REST API. */
import { json, type Plan, type PlanWrite, request, type SessionPlan, sessionPath } from "../api";

export const plansApi = {
  plans: () => json<Plan[]>(request("GET", "/api/plans?limit=200")),
  /** A plan, and what says that nobody has changed it since. */
  plan: async (id: string) => {
    const answer = await request("GET", `/api/plans/${id}`);
    return { plan: (await answer.json()) as Plan, tag: answer.headers.get("etag") ?? "" };
  },
  create: (body: PlanWrite) => json<Plan>(request("POST", "/api/plans", body)),
  update: (id: string, body: PlanWrite, tag: string) =>
    json<Plan>(request("PATCH", `/api/plans/${id}`, body, { headers: { "if-match": tag } })),
  remove: (id: string) => request("DELETE", `/api/plans/${id}`),
  ofSession: (id: string) => json<SessionPlan>(request("GET", `${sessionPath(id)}/plan`)),
};
