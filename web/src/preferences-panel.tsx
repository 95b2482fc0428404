/** What one chooses for oneself: theme, size, tab width, wrapping, keys, language. */
import { useValue } from "./observable";
import { FONT_SIZES, type Preferences, prefer, preferences, TAB_SIZES } from "./preferences";
import { panelWords } from "./words/panels";

export function PreferencesPanel() {
  const now = useValue(preferences);
  const w = panelWords().preferences;
  return (
    <>
      <Choice
        label={w.theme}
        value={now.theme}
        options={Object.entries(w.themes)}
        onChange={(theme) => prefer({ theme: theme as Preferences["theme"] })}
      />
      <Choice
        label={w.fontSize}
        value={String(now.fontSize)}
        options={FONT_SIZES.map((size) => [String(size), w.pixels(size)])}
        onChange={(size) => prefer({ fontSize: Number(size) })}
      />
      <Choice
        label={w.tabSize}
        value={String(now.tabSize)}
        options={TAB_SIZES.map((size) => [String(size), w.columns(size)])}
        onChange={(size) => prefer({ tabSize: Number(size) })}
      />
      <Choice
        label={w.keys}
        value={now.keys}
        options={Object.entries(w.keyChoices)}
        onChange={(keys) => prefer({ keys: keys as Preferences["keys"] })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={now.wrap}
          onChange={(event) => prefer({ wrap: event.currentTarget.checked })}
        />
        {w.wrap}
      </label>
      <Choice
        label={w.language}
        value={now.locale}
        options={Object.entries(w.languages)}
        onChange={(locale) => prefer({ locale: locale as Preferences["locale"] })}
      />
    </>
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
