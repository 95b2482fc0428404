/** Everybody who ever joined, as the timeline tells. */
import { api } from "../api";

export async function whoJoined(sessionId: string) {
  const people = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page = await api.timeline(sessionId, after, "join");
    for (const { participant_id, data } of page)
      if (participant_id !== null) people.push({ participant_id, name: String(data.name) });
    after = page.at(-1)?.seq;
  }
  return people;
}
