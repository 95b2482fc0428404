/** What is asked, in Markdown; what reads that is fetched when there is something to read. */
import { useEffect, useRef } from "preact/hooks";
import { fetched } from "../parts";

interface StatementProps {
  text: string;
  /** The language that it is in. */
  spoken: string;
  /** Pictures that came with it: name → base64. */
  images?: Readonly<Record<string, string>>;
}

const NONE = {};

export function Statement({ text, spoken, images = NONE }: StatementProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let wanted = true;
    void fetched(() => import("./render")).then(({ render }) => {
      if (wanted && place.current) render(text, place.current, images);
    });
    return () => {
      wanted = false;
    };
  }, [text, images]);
  return <div class="statement" lang={spoken} ref={place} />;
}
