import assert from "node:assert/strict";
import { test } from "node:test";
import { readParcels } from "./parcels";
import { report } from "./report";

test("a list is read", () => {
  const parcels = readParcels("A1; 480; city\n\nB2;2000;country # fragile\n");
  assert.deepEqual(parcels, [{ code: "A1", grams: 480, zone: "city" }, { code: "B2", grams: 2000, zone: "country" }]);
});

test("a report has a line for each parcel and the total", () => {
  const parcels = readParcels("A1;480;city\nB2;12300;islands\nC3;700;country\n");
  assert.deepEqual(report(parcels), ["B2 1660", "C3 600", "A1 350", "total 2610"]);
});

test("a last line without a line end counts", () => {
  const parcels = readParcels("A1;480;city\nB2;20;city");
  assert.deepEqual(parcels, [{ code: "A1", grams: 480, zone: "city" }, { code: "B2", grams: 20, zone: "city" }]);
});
