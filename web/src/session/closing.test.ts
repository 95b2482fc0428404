import { expect, it } from "vitest";
import { whyClosed } from "./closing";

it("says a reason once", () => {
  const once = "You can watch this session but not write in it.";
  expect(whyClosed(4403, "you can watch this session but not write in it")).toBe(once);
  expect(whyClosed(4403, "")).toBe(once);
  expect(whyClosed(1009, "exceeding max allowed size")).toBe(
    "The change is too large for the server.",
  );
  expect(whyClosed(4400, "an edit that splits a character in two")).toBe(
    "The server refused a change from this browser: an edit that splits a character in two.",
  );
});
