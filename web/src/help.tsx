/** Every key there is, on request: "?" outside the code, or the button. */
import { useEffect, useState } from "preact/hooks";
import { Lazy } from "./lazy";
import { t } from "./words";

const list = async () => (await import("./key-list")).KeyList;

export function Help() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement | null)?.closest(
        "input, textarea, select, [contenteditable]",
      );
      if (event.key === "?" && !typing) {
        event.preventDefault();
        setOpen(true);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <button
        type="button"
        class="quiet help-button"
        aria-label={t.bar.help}
        title={t.bar.help}
        onClick={() => setOpen(true)}
      >
        ?
      </button>
      {open && <Lazy load={list} with={{ onClose: () => setOpen(false) }} quiet />}
    </>
  );
}
