/** A session that is not here for this browser, whatever was wanted of it: why, and the way on. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failed } from "./failed";
import { Lazy } from "./lazy";
import { loadMe, me, mustSignIn } from "./me";
import { go } from "./navigation";
import { useValue } from "./observable";
import { toast } from "./toast";
import { t } from "./words";

const signInScreen = async () => (await import("./accounts")).SignIn;

export function NotHere({ children }: { children?: ComponentChildren }) {
  const who = useValue(me);
  const [signing, setSigning] = useState(location.hash.startsWith("#refused"));
  useEffect(() => {
    if (signing) void loadMe();
  }, []);
  const signedIn = signing && who?.account != null;
  useEffect(() => {
    if (signedIn) location.reload(); // what they came for
  }, [signedIn]);
  const signIn = async () => {
    const found = await loadMe();
    if (mustSignIn(found)) setSigning(true);
    else go("/");
  };
  if (signing && who !== null) return <Lazy load={signInScreen} with={{ who }} />;
  return (
    <Failed title={t.session.notHere}>
      <p>{t.session.notHereWhy}</p>
      <button type="button" onClick={() => location.reload()}>
        {t.tryAgain}
      </button>
      <button type="button" onClick={() => signIn().catch(({ message }: Error) => toast(message))}>
        {t.session.signIn}
      </button>
      {children}
    </Failed>
  );
}
