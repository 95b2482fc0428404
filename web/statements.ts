/** Calls that stand as statements are there for what they do: a bundler that is told they are pure would drop them. */
import type { Plugin } from "vite";

const PURE_STATEMENT = /([;{})]\s*)\/\*\s*[@#]__PURE__\s*\*\//g;

/** Return the code with such calls kept. The tool behind CodeMirror's packages marks every call of a module's top. */
export function keepStatements(code: string): string {
  return code.replace(PURE_STATEMENT, "$1");
}

/** Without this the Emacs keys were none in the page that is built, and all in the one that is developed. */
export function statements(): Plugin {
  return {
    name: "statements",
    transform: {
      filter: { id: /node_modules/, code: "__PURE__" },
      handler: (code) => ({ code: keepStatements(code), map: null }),
    },
  };
}
