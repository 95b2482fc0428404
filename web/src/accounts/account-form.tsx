/** What an administrator changes of an account: how others see it, what it may, and whose sessions it sees. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Account, api, type Team } from "../api";
import { Field, Trouble } from "../field";
import { Select } from "../select";
import { useSubmit } from "../submit";
import { t } from "../words";
import { screenWords } from "../words/screens";

interface AccountFormProps {
  account: Account;
  teams: readonly Team[];
  onDone: (changed: boolean) => void;
}

export function AccountForm({ account, teams, onDone }: AccountFormProps) {
  const w = screenWords().accounts;
  const [shown, setShown] = useState(account.display_name);
  const [role, setRole] = useState(account.role);
  const [team, setTeam] = useState(account.team_id);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const { busy, problem, submit } = useSubmit(async () => {
    await api.updateAccount(account.account_id, {
      ...(shown.trim() !== account.display_name ? { display_name: shown.trim() } : {}),
      ...(role !== account.role ? { role } : {}),
      ...(team !== account.team_id ? { team_id: team } : {}),
    });
    onDone(true);
  });
  return (
    <form
      class="inline-form"
      aria-label={w.changeOf(account.display_name)}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && onDone(false)}
    >
      <Field
        label={w.shownAs}
        name="display_name"
        value={shown}
        onValue={setShown}
        maxLength={80}
        required
        field={first}
      />
      <Select label={w.role} name="role" value={role} options={w.roles} onChange={setRole} />
      <Select
        label={w.team}
        name="team_id"
        value={team}
        options={Object.fromEntries(teams.map((each) => [each.team_id, each.name]))}
        onChange={setTeam}
      />
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy}>
          {w.save}
        </button>
        <button type="button" onClick={() => onDone(false)}>
          {t.cancel}
        </button>
      </span>
      <Trouble text={problem} />
    </form>
  );
}
