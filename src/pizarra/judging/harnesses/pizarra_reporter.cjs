// @ts-nocheck
// Reports each test of node:test on descriptor 3 as it ends, a line of JUnit's XML each.
"use strict";
const fs = require("node:fs");

const MOST_TEXT = 4000;

function escaped(text) {
  return Buffer.from(String(text).slice(-MOST_TEXT))
    .toString()
    .replace(/[^\t\n\r\x20-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"'\t\n\r]/g, (each) => `&#${each.charCodeAt(0)};`);
}

function problemOf({ details, skip }, failed) {
  if (skip !== undefined && skip !== false) return `<skipped message="${escaped(skip)}"/>`;
  if (!failed) return "";
  const error = details?.error?.cause ?? details?.error;
  const kind = error?.code === "ERR_ASSERTION" || error?.name === "AssertionError" ? "failure" : "error";
  // What was compared stands below the first line.
  const brief = String(error).split("\n").filter((each) => each.trim()).slice(0, 4).join("\n");
  return `<${kind} message="${escaped(brief)}">${escaped(error?.stack ?? error)}</${kind}>`;
}

module.exports = async function* (events) {
  const names = [];
  for await (const { type, data } of events) {
    if (type === "test:start") {
      names.length = data.nesting;
      names[data.nesting] = data.name;
    }
    if ((type !== "test:pass" && type !== "test:fail") || data.details?.type === "suite") continue;
    const name = escaped([...names.slice(0, data.nesting), data.name].join(" > "));
    const seconds = ((data.details?.duration_ms ?? 0) / 1000).toFixed(6);
    const problem = problemOf(data, type === "test:fail");
    let left = Buffer.from(`<testcase name="${name}" time="${seconds}">${problem}</testcase>\n`);
    while (left.length > 0) left = left.subarray(fs.writeSync(3, left));
  }
};
