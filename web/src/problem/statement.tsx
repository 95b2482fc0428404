/** What is asked, in Markdown; what reads that is fetched when there is something to read. */
import { useEffect, useRef } from "preact/hooks";
import { fetched } from "../parts";

interface StatementProps {
  text: string;
  /** The language that it is in. */
  spoken: string;
}

export function Statement({ text, spoken }: StatementProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let wanted = true;
    void fetched(() => import("./render")).then(({ render }) => {
      if (wanted && place.current) render(text, place.current);
    });
    return () => {
      wanted = false;
    };
  }, [text]);
  return <div class="statement" lang={spoken} ref={place} />;
}
