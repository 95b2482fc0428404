/** Every key there is, on request: "?" outside the code, or the button. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "./words";

const MOD = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";

export function Help() {
  const [open, setOpen] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
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
  useEffect(() => {
    if (open) dialog.current?.showModal();
  }, [open]);
  const { keys } = t.help;
  const everywhere: [string, string][] = [
    [`${MOD} Enter`, keys.run],
    [`${MOD} .`, keys.stop],
    ["F6", keys.panes],
    ["?", keys.help],
  ];
  const inCode: [string, string][] = [
    ["Esc Tab", keys.leave],
    ["Tab", keys.indent],
    [`${MOD} Z`, keys.undo],
    [`${MOD} F`, keys.find],
    [`${MOD} /`, keys.comment],
    [`${MOD} Shift F`, keys.format],
    ["Ctrl Space", keys.complete],
    ["Alt I", keys.known],
    ["Alt P", keys.pointSelection],
    ["Alt Click", keys.point],
  ];
  return (
    <>
      <button
        type="button"
        class="quiet help-button"
        aria-label={t.help.open}
        title={t.help.open}
        onClick={() => setOpen(true)}
      >
        ?
      </button>
      {open && (
        <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => setOpen(false)}>
          <h2 id="help-title">{t.help.title}</h2>
          <h3>{t.help.anywhere}</h3>
          <Keys list={everywhere} />
          <h3>{t.help.inCode}</h3>
          <Keys list={inCode} />
          <form method="dialog">
            <button type="submit">{t.close}</button>
          </form>
        </dialog>
      )}
    </>
  );
}

function Keys({ list }: { list: [string, string][] }) {
  return (
    <dl class="keys">
      {list.map(([key, meaning]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
