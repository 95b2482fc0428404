import { expect, it } from "vitest";
import { Names } from "./names";

const person = (id: string) => ({ participant_id: id, name: id.toUpperCase() });

it("knows who is here, and still after they have left", () => {
  const names = new Names(() => Promise.reject(new Error("nobody has to be looked up")));
  names.meet([person("ana"), person("zoe")]);
  names.meet([person("ana")]);
  expect([names.of("ana"), names.of("zoe")]).toEqual(["ANA", "ZOE"]);
});

it("looks up once who left before, and again what failed", async () => {
  let asked = 0;
  const names = new Names(async () => {
    asked += 1;
    if (asked === 1) throw new Error("the connection is lost");
    return [person("zoe")];
  });
  names.meet([person("ana")]);
  expect(names.of("zoe")).toBeUndefined();
  await Promise.resolve(); // it fails
  expect(names.of("zoe")).toBeUndefined();
  const found = new Promise<void>((resolve) => names.known.subscribe(resolve));
  expect(names.of("zoe")).toBeUndefined(); // on its way
  await found;
  expect([names.of("zoe"), names.of("nobody"), asked]).toEqual(["ZOE", undefined, 2]);
});
