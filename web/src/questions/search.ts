/** Looking for questions as one types: asked once somebody stops, and only the answer to what was asked last counts. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, ListedQuestion } from "../api";
import { questionsApi, type QuestionsWanted } from "./api";

const TYPING_MS = 200;

export interface Found {
  /** null: nothing was answered yet. */
  questions: readonly ListedQuestion[] | null;
  problem: string | null;
  /** What was looked for when these were found. */
  text: string;
}

export function useSearch(wanted: QuestionsWanted, turn = 0): Found {
  const [found, setFound] = useState<Found>({ questions: null, problem: null, text: "" });
  const asked = JSON.stringify(wanted);
  useEffect(() => {
    let counts = true;
    const look = () =>
      questionsApi.questions(wanted).then(
        (questions) => counts && setFound({ questions, problem: null, text: wanted.q ?? "" }),
        (error: ApiError) =>
          counts && setFound((have) => ({ ...have, problem: error.message, text: wanted.q ?? "" })),
      );
    const timer = setTimeout(() => void look(), found.questions === null ? 0 : TYPING_MS);
    return () => {
      counts = false;
      clearTimeout(timer);
    };
  }, [asked, turn]);
  return found;
}
