// TypeScript's checker that stays: reads {files, main, options} from standard input and writes {diagnostics} to standard
// output, each as JSON with its length in 4 bytes before it. The compiler itself is asked by its own interface, named in
// the first argument, and keeps what it has read of its libraries: only what a program has of its own is read anew.
import { mkdirSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path/posix";

const [TOOLS] = process.argv.slice(2);
const { API } = await import(`${TOOLS}/node_modules/typescript/dist/api/async/api.js`);
const WORK = process.cwd();
const CONFIG = path.join(WORK, "tsconfig.json");
const OPTIONS = {
  noEmit: true,
  strict: true,
  target: "es2022",
  lib: ["es2023", "dom"],
  module: "preserve",
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  moduleDetection: "force",
  skipLibCheck: true,
  allowJs: true,
  resolveJsonModule: true,
  jsx: "preserve",
  types: ["node"],
  typeRoots: [`${TOOLS}/node_modules/@types`],
};
const MOST = 100; // diagnostics: nobody reads more
const SEVERITIES = { 0: "warning", 1: "error" };

const api = new API({ cwd: WORK, tsserverPath: `${TOOLS}/tsc` });
let there = {}; // the files of the last program, by name
let last = null; // its snapshot

function place(wanted) {
  const changed = [];
  const created = [];
  const deleted = [];
  for (const name of Object.keys(there)) {
    if (Object.hasOwn(wanted, name)) continue;
    const file = path.join(WORK, name);
    rmSync(file);
    deleted.push(file);
    for (let folder = path.dirname(file); folder !== WORK; folder = path.dirname(folder)) {
      try {
        rmdirSync(folder);
      } catch {
        break; // something else is in it
      }
    }
  }
  for (const [name, text] of Object.entries(wanted)) {
    if (there[name] === text) continue;
    const file = path.join(WORK, name);
    (Object.hasOwn(there, name) ? changed : created).push(file);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  there = wanted;
  return { changed, created, deleted };
}

async function check({ files, main, options }) {
  const config = { compilerOptions: { ...OPTIONS, ...options }, files: [main] };
  const fileChanges = place({ ...files, "tsconfig.json": JSON.stringify(config) });
  const snapshot = await api.updateSnapshot({ openProjects: last ? [] : [CONFIG], fileChanges });
  if (last) await last.dispose();
  last = snapshot;
  const { program } = snapshot.getProject(CONFIG);
  // As tsc does: what can be read no further is said alone.
  let found = await together(program.getConfigFileParsingDiagnostics(), program.getSyntacticDiagnostics());
  if (!found.length) found = await together(program.getProgramDiagnostics(), program.getGlobalDiagnostics());
  if (!found.length) found = await together(program.getBindDiagnostics(), program.getSemanticDiagnostics());
  const told = new Map();
  for (const each of found) {
    const name = each.fileName === undefined ? "" : path.relative(WORK, each.fileName);
    const isTheirs = Object.hasOwn(files, name) && each.category in SEVERITIES;
    if (isTheirs && told.size < MOST) told.set(`${name}:${each.pos}:${each.code}`, tell(each, name, files[name]));
  }
  return { diagnostics: [...told.values()] };
}

async function together(...asked) {
  return (await Promise.all(asked)).flat();
}

function tell({ pos, end, code, category, text }, name, source) {
  const [line, column] = placeOf(source, pos);
  const [endLine, endColumn] = placeOf(source, end);
  const message = `TS${code}: ${text}`;
  return { path: name, line, column, end_line: endLine, end_column: endColumn, severity: SEVERITIES[category], message };
}

// Lines and columns count from 1, columns in UTF-16 units, as the compiler and the page do.
function placeOf(source, offset) {
  const before = source.slice(0, offset).split("\n");
  return [before.length, before.at(-1).length + 1];
}

function answer(message) {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([head, body]));
}

// Whatever goes wrong here is no error of a program: this process is of no more use.
function fail(error) {
  console.error(String(error));
  process.exit(1);
}

let buffer = Buffer.alloc(0);
let queue = check({ files: { "main.ts": 'import "node:fs";' }, main: "main.ts", options: {} })
  .then(() => answer({ ready: true }))
  .catch(fail);
process.stdin.on("data", (part) => {
  buffer = Buffer.concat([buffer, part]);
  while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUInt32BE(0)) {
    const size = buffer.readUInt32BE(0);
    const request = JSON.parse(buffer.subarray(4, 4 + size).toString());
    buffer = buffer.subarray(4 + size);
    queue = queue
      .then(() => check(request))
      .then(answer)
      .catch(fail);
  }
});
process.stdin.on("end", () => process.exit(0));
