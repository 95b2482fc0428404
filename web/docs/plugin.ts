/** Puts Swagger UI and ReDoc beside the page as they are published: the documentation works without internet. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);

export function docsPages(): Plugin {
  return {
    name: "docs-pages",
    apply: "build",
    generateBundle() {
      const asset = (name: string, path: string): string => {
        // ReDoc signs itself with a picture from its own host; ours asks nobody else for anything.
        const source = readFileSync(path, "utf8").replaceAll(
          "https://cdn.redoc.ly/redoc/logo-mini.svg",
          "/favicon.svg",
        );
        const hash = createHash("sha256").update(source).digest("hex").slice(0, 8);
        const fileName = `assets/${name.replace(".", `-${hash}.`)}`;
        this.emitFile({ type: "asset", fileName, source });
        return `/${fileName}`;
      };
      const page = (fileName: string, head: string, scripts: string[]): void => {
        const tags = scripts.map((url) => `<script src="${url}"></script>`).join("\n    ");
        const source = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    ${head}
    <title>Pizarra API</title>
  </head>
  <body>
    <div id="docs"></div>
    ${tags}
  </body>
</html>
`;
        this.emitFile({ type: "asset", fileName, source });
      };
      const local = (name: string) => `${import.meta.dirname}/${name}`;
      const css = asset("swagger-ui.css", require.resolve("swagger-ui-dist/swagger-ui.css"));
      page("swagger.html", `<link rel="stylesheet" href="${css}">`, [
        asset("swagger-ui.js", require.resolve("swagger-ui-dist/swagger-ui-bundle.js")),
        asset("swagger-init.js", local("swagger-init.js")),
      ]);
      page("redoc.html", "", [
        asset("redoc.js", require.resolve("redoc/bundles/redoc.standalone.js")),
        asset("redoc-init.js", local("redoc-init.js")),
      ]);
    },
  };
}
