/** The clock. */
import { useEffect, useState } from "preact/hooks";

/** The clock, once a second while somebody looks at what depends on it. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
