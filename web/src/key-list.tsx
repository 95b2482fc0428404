/** Every key there is, as a dialog. */
import "./styles/help.css";
import { useEffect, useRef } from "preact/hooks";
import { ALT } from "./alt";
import { onMac } from "./keys";
import { Libraries } from "./libraries";
import { t } from "./words";
import { panelWords } from "./words/panels";

const MOD = onMac ? "⌘" : "Ctrl";

export function KeyList({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { keys } = panelWords().help;
  const everywhere: [string, string][] = [
    [`${MOD} Enter`, keys.run],
    [`${MOD} .`, keys.stop],
    [`${MOD} Shift Enter`, keys.samples],
    [`${ALT} 1`, keys.problem],
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
    [`${ALT} I`, keys.known],
    [`${ALT} P`, keys.pointSelection],
    ["Alt Click", keys.point],
  ];
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">{panelWords().help.title}</h2>
      <h3>{panelWords().help.anywhere}</h3>
      <Keys list={everywhere} />
      <h3>{panelWords().help.inCode}</h3>
      <Keys list={inCode} />
      <Libraries />
      <form method="dialog">
        <button type="submit">{t.close}</button>
      </form>
    </dialog>
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
