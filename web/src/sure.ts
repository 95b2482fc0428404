/** The question before something that cannot be undone, in the place of what asks for it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { takeFocus } from "./focus";

/** The keyboard goes to the way back (`keep`), and when the question is over, to what was pressed (`opener`). */
export function useSure() {
  const [sure, setSure] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  const was = useRef(sure);
  useLayoutEffect(() => {
    if (was.current !== sure) takeFocus((sure ? keep : opener).current);
    was.current = sure;
  }, [sure]);
  return { sure, setSure, opener, keep };
}
