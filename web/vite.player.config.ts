/** Builds the player that plays by itself: one HTML file that loads nothing. */
import { defineConfig, type Plugin } from "vite";

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
      page.source = String(page.source)
        .replace(/<script type="module"[^>]*><\/script>/, "")
        .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${styles.join("\n")}</style>`)
        .replace("</body>", () => `<script type="module">${script}</script></body>`);
    },
  };
}

export default defineConfig({
  plugins: [oneFile()],
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
