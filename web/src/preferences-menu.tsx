/** Theme, size, tab width, wrapping and keys: for this person, in this browser. */
import { Menu } from "./menu";
import { useValue } from "./observable";
import { t } from "./words";
import { FONT_SIZES, type Preferences, prefer, preferences, TAB_SIZES } from "./preferences";

export function PreferencesMenu() {
  const now = useValue(preferences);
  return (
    <Menu label={t.preferences.label} face={<span aria-hidden="true">Aa</span>}>
      {() => (
        <>
          <Choice
            label={t.preferences.theme}
            value={now.theme}
            options={Object.entries(t.preferences.themes)}
            onChange={(theme) => prefer({ theme: theme as Preferences["theme"] })}
          />
          <Choice
            label={t.preferences.fontSize}
            value={String(now.fontSize)}
            options={FONT_SIZES.map((size) => [String(size), t.preferences.pixels(size)])}
            onChange={(size) => prefer({ fontSize: Number(size) })}
          />
          <Choice
            label={t.preferences.tabSize}
            value={String(now.tabSize)}
            options={TAB_SIZES.map((size) => [String(size), t.preferences.columns(size)])}
            onChange={(size) => prefer({ tabSize: Number(size) })}
          />
          <Choice
            label={t.preferences.keys}
            value={now.keys}
            options={Object.entries(t.preferences.keyChoices)}
            onChange={(keys) => prefer({ keys: keys as Preferences["keys"] })}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={now.wrap}
              onChange={(event) => prefer({ wrap: event.currentTarget.checked })}
            />
            {t.preferences.wrap}
          </label>
          <Choice
            label={t.preferences.language}
            value={now.locale}
            options={Object.entries(t.preferences.languages)}
            onChange={(locale) => prefer({ locale: locale as Preferences["locale"] })}
          />
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
