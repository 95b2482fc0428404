// An OpenID Connect provider in which everybody may sign in under any name: `node provider.mjs PORT REDIRECT_URI`.
// Whoever is called "unverified" has an address that was never verified.
import { Provider } from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "pizarra", client_secret: "a secret between the two", redirect_uris: [redirectUri] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["signed with this"] },
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: id !== "unverified", name: `${id} from there` }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
