/** An address that belongs to no screen: mistyped, or a link that was cut off on its way. */
import { Failed } from "../failed";
import { t } from "../words";
import { screenWords } from "../words/screens";

export function Nowhere() {
  return (
    <Failed title={screenWords().nowhere.title}>
      <p>{screenWords().nowhere.why}</p>
      <p>
        <a href="/">{t.session.signIn}</a>
      </p>
    </Failed>
  );
}
