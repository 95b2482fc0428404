/** Proves what was imported, one question after the other: others are proven here too. */
import type { ApiError, Proof } from "../api";
import { questionsApi } from "../questions/api";
import { authoringApi } from "../questions/authoring-api";

/** How far it is with a question: a proof, which may be under way; or why there is none, in a sentence. */
export type Came = Proof | string;

const LOOK_MS = 1000;

export async function proveAll(
  ids: readonly string[],
  tell: (id: string, came: Came) => void,
  isWanted: () => boolean,
): Promise<void> {
  for (const id of ids) {
    if (!isWanted()) return;
    try {
      tell(id, await authoringApi.prove(id));
      await toItsEnd(id, tell, isWanted);
    } catch (error) {
      tell(id, (error as ApiError).message);
    }
  }
}

async function toItsEnd(
  id: string,
  tell: (id: string, came: Came) => void,
  isWanted: () => boolean,
): Promise<void> {
  while (isWanted()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { proof } = (await questionsApi.question(id)).question;
    if (proof === null) return tell(id, ""); // somebody stopped it
    tell(id, proof);
    if (!proof.running) return;
  }
}
