/** Builds the player that plays by itself: one HTML file that loads nothing. */
import { createHash } from "node:crypto";
import { defineConfig, type Plugin } from "vite";
import { statements } from "./statements.ts";

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["player.html"];
      if (page?.type !== "asset") throw new Error("no player.html");
      const scripts: string[] = [];
      const styles: string[] = [];
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        if (part.type === "chunk") scripts.push(part.code);
        else if (name.endsWith(".css")) styles.push(String(part.source));
        else throw new Error(`${name} would have to be loaded`);
        delete bundle[name];
      }
      // Nothing in a script may look like its end.
      // There is nothing to preload: Vite would put a list of files where this stands.
      const code = scripts.join("\n").replaceAll("__VITE_PRELOAD__", "void 0");
      const script = code.replaceAll("</script", "<\\/script");
      const style = styles.join("\n");
      // What is in the file may run, and nothing that comes into it: no words of anybody's, whatever they say.
      page.source = String(page.source)
        .replace("__SCRIPT_HASH__", hashOf(script))
        .replace("__STYLE_HASH__", hashOf(style))
        .replace(/<script type="module"[^>]*><\/script>/, "")
        .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
        .replace("</body>", () => `<script type="module">${script}</script></body>`);
    },
  };
}

export default defineConfig({
  plugins: [statements(), oneFile()],
  build: {
    outDir: "../src/pizarra/static",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    assetsInlineLimit: () => true,
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 4000,
    rolldownOptions: { input: "player.html", output: { codeSplitting: false } },
  },
});
