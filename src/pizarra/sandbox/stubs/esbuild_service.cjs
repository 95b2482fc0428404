// esbuild that stays: reads {files, main, options (of tsconfig.json)} from standard input and writes {ok, code, diagnostics} to standard output,
// each as JSON with its length in 4 bytes before it. Files exist in memory only: nothing else can be imported but
// what Node itself brings.
"use strict";
const path = require("node:path").posix;
// esbuild's own process would ask every second whether this one is there, and wake both for ever. It ends with its
// input, so it need not.
const children = require("node:child_process");
const { spawn } = children;
children.spawn = (program, words, ...rest) =>
  spawn(program, Array.isArray(words) ? words.filter((each) => each !== "--ping") : words, ...rest);
const esbuild = require("esbuild");

const KINDS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
const EXTENSIONS = ["", ...KINDS, ...KINDS.map((kind) => `/index${kind}`)];
const LOADERS = { ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".jsx": "jsx", ".json": "json", ".txt": "text" };
// Each module knows its own place, though all come to be one file: names that are not the author's own are replaced by
// ours (`define`), which the first line of each file that uses any declares.
const PLACES = /__dirname|__filename|import\.meta/;
const DEFINED = {
  __dirname: "__pizarra_dirname",
  __filename: "__pizarra_filename",
  "import.meta.url": "__pizarra_url",
  "import.meta.dirname": "__pizarra_dirname",
  "import.meta.filename": "__pizarra_filename",
};
const ROOT = "globalThis.__pizarra_root ??= process.cwd();";
const REQUIRE = `globalThis.require ??= process.getBuiltinModule?.("module").createRequire(process.cwd() + "/main.js");`;

function bannerOf(texts, format) {
  const root = texts.some((text) => PLACES.test(text)) ? ROOT : "";
  return root + (format === "esm" && texts.some((text) => text.includes("require")) ? REQUIRE : "");
}

function placesOf(file) {
  const [name, folder] = [file, path.dirname(file)].map((each) => JSON.stringify(path.join("/", each)));
  return (
    `var __pizarra_filename = globalThis.__pizarra_root + ${name}, ` +
    `__pizarra_dirname = globalThis.__pizarra_root + ${folder === '"/"' ? '""' : folder}, ` +
    `__pizarra_url = "file://" + encodeURI(__pizarra_filename); `
  );
}

function contentsOf(files, file) {
  const text = files[file];
  if (!PLACES.test(text) || !/\.[cm]?[jt]sx?$/.test(file)) return text;
  const start = text.startsWith("#!") ? text.indexOf("\n") + 1 : 0;
  return text.slice(0, start) + placesOf(file) + text.slice(start);
}

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
        contents: contentsOf(files, path.relative("/work", wanted.path)),
        loader: LOADERS[path.extname(wanted.path)] ?? "js",
      }));
    },
  };
}

async function compile({ files, main, options }, format) {
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
      define: DEFINED,
      banner: { js: bannerOf(Object.values(files), format) },
      tsconfigRaw: { compilerOptions: { experimentalDecorators: false, useDefineForClassFields: true, ...options } },
      plugins: [inMemory(files)],
    });
    return { ok: true, format, code: built.outputFiles[0].text, diagnostics: built.warnings.map((each) => tell(each, "warning", files)) };
  } catch (failure) {
    // Whatever is no error of the sources: its other process is gone, and this one of no more use.
    if (!Array.isArray(failure.errors)) {
      console.error(String(failure));
      process.exit(1);
    }
    const errors = failure.errors;
    if (format === "cjs" && errors.some((each) => /Top-level await/.test(each.text))) return compile({ files, main, options }, "esm");
    return { ok: false, format, code: "", diagnostics: errors.map((each) => tell(each, "error", files)) };
  }
}

// esbuild counts bytes, the page UTF-16 units; and the first line may begin with what we put there.
function tell({ text, location }, severity, files) {
  if (!location) return { severity, message: text, path: "", line: 0, column: 0, length: 0 };
  const bytes = Buffer.from(location.lineText);
  const units = (from, to) => bytes.subarray(from, to).toString().length;
  const ours = contentsOf(files, location.file)?.length - files[location.file]?.length;
  const own = ours > 0 && location.lineText.startsWith("var __pizarra_") ? ours : 0;
  return {
    severity,
    message: text,
    path: location.file,
    line: location.line,
    column: Math.max(units(0, location.column) - own, 0) + 1,
    length: units(location.column, location.column + location.length),
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
