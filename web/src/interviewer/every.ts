/** A number that goes up every few seconds while somebody looks: what the others did is asked for again. */
import { useEffect, useState } from "preact/hooks";

export function useEvery(milliseconds: number): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((before) => before + 1);
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return turn;
}
