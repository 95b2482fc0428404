import { defineConfig } from "vite";
import { docsPages } from "./docs/plugin.ts";

export default defineConfig({
  plugins: [docsPages()],
  build: {
    outDir: "../src/pizarra/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/ws": { target: "ws://127.0.0.1:8000", ws: true } } },
});
