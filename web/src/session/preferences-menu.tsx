/** Theme, size, tab width, wrapping and keys: for this person, in this browser. */
import { Menu } from "../menu";
import { useValue } from "../observable";
import { FONT_SIZES, type Preferences, prefer, preferences, TAB_SIZES } from "../preferences";

export function PreferencesMenu() {
  const now = useValue(preferences);
  return (
    <Menu label="Appearance and keys" face={<span aria-hidden="true">Aa</span>}>
      {() => (
        <>
          <Choice
            label="Theme"
            value={now.theme}
            options={[
              ["system", "as the system"],
              ["light", "paper"],
              ["dark", "slate"],
              ["contrast", "high contrast"],
            ]}
            onChange={(theme) => prefer({ theme: theme as Preferences["theme"] })}
          />
          <Choice
            label="Text size"
            value={String(now.fontSize)}
            options={FONT_SIZES.map((size) => [String(size), `${size} px`])}
            onChange={(size) => prefer({ fontSize: Number(size) })}
          />
          <Choice
            label="Tab width"
            value={String(now.tabSize)}
            options={TAB_SIZES.map((size) => [String(size), `${size} columns`])}
            onChange={(size) => prefer({ tabSize: Number(size) })}
          />
          <Choice
            label="Keys"
            value={now.keys}
            options={[
              ["default", "usual"],
              ["vim", "Vim"],
              ["emacs", "Emacs"],
            ]}
            onChange={(keys) => prefer({ keys: keys as Preferences["keys"] })}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={now.wrap}
              onChange={(event) => prefer({ wrap: event.currentTarget.checked })}
            />
            Wrap long lines
          </label>
        </>
      )}
    </Menu>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
