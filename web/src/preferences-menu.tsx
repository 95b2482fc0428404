/** Theme, size, tab width, wrapping and keys: for this person, in this browser. */
import { Lazy } from "./lazy";
import { Menu } from "./menu";
import { t } from "./words";

const panel = async () => (await import("./preferences-panel")).PreferencesPanel;

export function PreferencesMenu() {
  return (
    <Menu label={t.bar.preferences} face={<span aria-hidden="true">Aa</span>}>
      {() => <Lazy load={panel} with={{}} />}
    </Menu>
  );
}
