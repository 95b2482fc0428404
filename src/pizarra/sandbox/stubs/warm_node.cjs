// Node, ready to run: loads what programs import, then waits for the name of a file in its folder.
// Descriptor 3 gives the name (and after a tab "maps", when source maps lead back to what was written), descriptor 4
// takes a byte once everything is loaded.
"use strict";
const fs = require("node:fs");
const Module = require("node:module");

for (const name of ["assert", "buffer", "events", "os", "path", "readline", "stream", "timers", "url", "util"]) {
  require(`node:${name}`);
}
// A pipe would queue what a busy program prints in its memory until it rests, and lose it when the program exits.
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);

fs.writeSync(4, "r");
fs.closeSync(4);
let line = "";
const buffer = Buffer.alloc(4096);
while (!line.endsWith("\n")) {
  const count = fs.readSync(3, buffer);
  if (count === 0) process.exit(0);
  line += buffer.toString("utf8", 0, count);
}
fs.closeSync(3);
const [main, maps] = line.trimEnd().split("\t");
if (maps) process.setSourceMapsEnabled(true);
delete require.cache[__filename];
// A window whose size was set, and clocks that were started, while we waited.
for (const stream of [process.stdout, process.stderr]) stream._refreshSize?.();
const [uptime, now, before] = [process.uptime, performance.now.bind(performance), process.uptime()];
const begun = now();
process.uptime = () => uptime() - before;
performance.now = () => now() - begun;
Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + begun, configurable: true });
process.argv.splice(1, process.argv.length, `${process.cwd()}/${main}`);
// From a stack of its own: nothing of ours in what an exception prints.
process.nextTick(Module.runMain, process.argv[1]);
