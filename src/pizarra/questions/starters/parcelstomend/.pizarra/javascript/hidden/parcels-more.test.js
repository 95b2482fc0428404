const assert = require("node:assert/strict");
const { test } = require("node:test");
const { readParcels } = require("./parcels.js");
const { report } = require("./report.js");

test("a list of one line", () => {
  const parcels = readParcels("A1;1;city");
  assert.deepEqual(parcels, [{ code: "A1", grams: 1, zone: "city" }]);
});

test("a list of nothing", () => {
  const parcels = readParcels("# nobody\n\n");
  assert.deepEqual(parcels, []);
});

test("limits belong to what is below them", () => {
  const parcels = readParcels("A;500;city\nB;2000;city\nC;10000;city\n");
  assert.deepEqual(report(parcels), ["C 900", "B 500", "A 350", "total 1750"]);
});

test("a gram more is the next step", () => {
  const parcels = readParcels("A;501;city\nB;2001;city\n");
  assert.deepEqual(report(parcels), ["B 900", "A 500", "total 1400"]);
});

test("a kilogram begun counts", () => {
  const parcels = readParcels("A;10001;city\nB;11000;city\nC;11001;city\n");
  assert.deepEqual(report(parcels), ["C 1140", "B 1020", "A 1020", "total 3180"]);
});

test("nine parcels pay all", () => {
  const parcels = readParcels("A;1;city\n".repeat(9));
  assert.deepEqual(report(parcels), [...Array(9).fill("A 350"), "total 3150"]);
});

test("ten parcels pay less", () => {
  const parcels = readParcels("A;1;city\n".repeat(10));
  assert.deepEqual(report(parcels), [...Array(10).fill("A 350"), "total 3325"]);
});

test("cents are rounded down once, at the end", () => {
  const parcels = readParcels("A;1;city\n".repeat(11));
  assert.deepEqual(report(parcels), [...Array(11).fill("A 350"), "total 3657"]);
});

test("those of one weight stay in their order", () => {
  const parcels = readParcels("B;5;city\nA;5;country\nC;9;city\nD;5;city\n");
  assert.deepEqual(report(parcels), ["C 350", "B 350", "A 450", "D 350", "total 1500"]);
});

test("nothing of a report is in the next", () => {
  const parcels = readParcels("A;1;city\n");
  report(parcels);
  assert.deepEqual(report(parcels), ["A 350", "total 350"]);
});
