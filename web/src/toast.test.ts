/** Which links cannot leave this computer. */
import { expect, it } from "vitest";
import { isLocal } from "./toast";

it("knows the addresses that mean whatever computer they are opened on", () => {
  for (const host of [
    "127.0.0.1:8000",
    "127.0.1.1",
    "localhost:8000",
    "pizarra.localhost",
    "[::1]:8000",
    "0.0.0.0:8000",
    "[::]:8000",
  ])
    expect(isLocal(`http://${host}/j/abc`), host).toBe(true);
  for (const host of [
    "192.168.1.7:8000",
    "pizarra.example.org",
    "localhost.example.org",
    "10.127.0.1",
  ])
    expect(isLocal(`https://${host}/j/abc`), host).toBe(false);
});
