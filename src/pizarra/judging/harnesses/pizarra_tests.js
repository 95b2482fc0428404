// @ts-nocheck
// Runs the test files of a project, and reports what came of each test; see `pizarra_tests.py.txt`, which does the same.
const SECONDS = __SECONDS__;
const MOST_BYTES = __MOST_BYTES__;
const MOST_TEXT = 4000;

function escaped(text) {
  return Buffer.from(String(text).slice(-MOST_TEXT))
    .toString()
    .replace(/[^\t\n\r\x20-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"'\t\n\r]/g, (each) => `&#${each.charCodeAt(0)};`);
}

function write(descriptor, data) {
  for (let left = Buffer.from(data); left.length > 0; ) left = left.subarray(fs.writeSync(descriptor, left));
}

// Has the tests run elsewhere, then tells what they reported.
function watch() {
  const path = `${os.tmpdir()}/pizarra-${process.pid}`;
  const channel = fs.openSync(path, "ax+", 0o600);
  fs.unlinkSync(path);
  const reporter = `--test-reporter=${process.cwd()}/pizarra_reporter.cjs`;
  const words = [...process.execArgv, "--enable-source-maps", reporter, "--test-reporter-destination=stdout"];
  const ran = spawnSync(process.execPath, [...words, process.argv[1]], {
    stdio: ["ignore", "inherit", "inherit", channel],
    env: { ...process.env, PIZARRA_TESTS: "run" },
    timeout: SECONDS * 1000,
    killSignal: "SIGKILL",
  });
  const how = ran.error?.code === "ETIMEDOUT" ? "timeout" : "done";
  const buffer = Buffer.alloc(MOST_BYTES);
  let size = 0;
  for (let part = 1; part > 0 && size < MOST_BYTES; size += part) part = fs.readSync(channel, buffer, size, MOST_BYTES - size, size);
  const reported = buffer.toString("utf8", 0, buffer.subarray(0, size).lastIndexOf("\n") + 1);
  const word = fs.readFileSync(0, "utf8").trim();
  write(1, `\x1f${word} ${how}\n<testsuite>${reported}</testsuite>\n\x1f${word} .\n`);
}

// Runs the tests; `pizarra_reporter.cjs` reports each as it ends.
async function run() {
  for (const [path, load] of FILES) {
    try {
      await load();
    } catch (error) {
      const brief = escaped(String(error).split("\n")[0]);
      write(3, `<testcase name="${escaped(path)}"><error message="${brief}">${escaped(error?.stack ?? error)}</error></testcase>\n`);
    }
  }
}

if (process.env.PIZARRA_TESTS === "run") {
  delete process.env.PIZARRA_TESTS;
  void run();
} else watch();
