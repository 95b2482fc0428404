import { defineConfig } from "vite";
import { docsPages } from "./docs/plugin.ts";
import { statements } from "./statements.ts";

/** Small parts that several screens have in common: in a file each they would weigh more than they are. */
const COMMON =
  /\/src\/(?:popover|failed|icons|told|navigation|media|preferences-menu|tab-row|kinds|session\/(?:roles|places|paths|allowance|bring-back|runs))\.tsx?$|\/words\/plural\.ts$/;

export default defineConfig({
  plugins: [statements(), docsPages()],
  build: {
    outDir: "../src/pizarra/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: { polyfill: false }, // a browser without it loads the same, a little later
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "common", test: COMMON }] } },
    },
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8000", "/ws": { target: "ws://127.0.0.1:8000", ws: true } },
  },
});
