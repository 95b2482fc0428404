// esbuild that stays: reads {files, main} from standard input and writes {ok, code, diagnostics} to standard output,
// each as JSON with its length in 4 bytes before it. Files exist in memory only: nothing else can be imported but
// what Node itself brings.
"use strict";
const path = require("node:path").posix;
const esbuild = require("esbuild");

const EXTENSIONS = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];
const LOADERS = { ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".json": "json" };

function inMemory(files) {
  const known = (candidate) => Object.hasOwn(files, path.relative("/work", candidate));
  return {
    name: "session",
    setup(build) {
      build.onResolve({ filter: /.*/ }, (wanted) => {
        if (wanted.kind === "entry-point") return { path: wanted.path };
        if (!wanted.path.startsWith(".")) return { path: wanted.path, external: true };
        const base = path.join(path.dirname(wanted.importer), wanted.path);
        for (const stem of [base, base.replace(/\.[cm]?js$/, "")]) {
          for (const extension of EXTENSIONS) if (known(stem + extension)) return { path: stem + extension };
        }
        return { errors: [{ text: `This session has no file "${path.relative("/work", base)}"` }] };
      });
      build.onLoad({ filter: /.*/ }, (wanted) => ({
        contents: files[path.relative("/work", wanted.path)],
        loader: LOADERS[path.extname(wanted.path)] ?? "js",
      }));
    },
  };
}

async function compile({ files, main }, format) {
  try {
    const built = await esbuild.build({
      entryPoints: [`/work/${main}`],
      absWorkingDir: "/work",
      bundle: true,
      write: false,
      outfile: `/work/${main}.js`,
      format,
      platform: "node",
      target: "node18",
      sourcemap: "inline",
      logLevel: "silent",
      keepNames: true,
      tsconfigRaw: { compilerOptions: { experimentalDecorators: false, useDefineForClassFields: true } },
      plugins: [inMemory(files)],
    });
    return { ok: true, format, code: built.outputFiles[0].text, diagnostics: built.warnings.map((each) => tell(each, "warning")) };
  } catch (failure) {
    const errors = failure.errors ?? [{ text: String(failure) }];
    if (format === "cjs" && errors.some((each) => /Top-level await/.test(each.text))) return compile({ files, main }, "esm");
    return { ok: false, format, code: "", diagnostics: errors.map((each) => tell(each, "error")) };
  }
}

function tell({ text, location }, severity) {
  return {
    severity,
    message: text,
    path: location ? location.file : "",
    line: location?.line ?? 0,
    column: location ? [...Buffer.from(location.lineText).subarray(0, location.column).toString()].length + 1 : 0,
    length: location?.length ?? 0,
  };
}

function answer(message) {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([head, body]));
}

let buffer = Buffer.alloc(0);
let queue = compile({ files: { "main.ts": "const x: number = 1;" }, main: "main.ts" }, "cjs").then(() => answer({ ready: true }));
process.stdin.on("data", (part) => {
  buffer = Buffer.concat([buffer, part]);
  while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUInt32BE(0)) {
    const size = buffer.readUInt32BE(0);
    const request = JSON.parse(buffer.subarray(4, 4 + size).toString());
    buffer = buffer.subarray(4 + size);
    queue = queue.then(() => compile(request, "cjs")).then(answer);
  }
});
process.stdin.on("end", () => process.exit(0));
