import { describe, expect, it } from "vitest";
import { translator } from "./said";
import sentences from "../../../src/pizarra/spanish/said.es.json";

describe("translator", () => {
  const said = translator(sentences);

  it("says what the server said, with the server's values", () => {
    expect(said("The run has ended.")).toBe("La ejecución ha terminado.");
    expect(said("There is no entry 9: the timeline goes from 1 to 4.")).toBe(
      "No hay entrada 9: la línea de tiempo va de 1 a 4.",
    );
  });

  it("translates values where they are words, and leaves names alone", () => {
    expect(said("Too many attempts. Wait 15 minutes, then try again.")).toBe(
      "Demasiados intentos. Espera 15 minutos y vuelve a probar.",
    );
    expect(said("idle has another role now. Ask the host for a link of your own.")).toMatch(
      /^idle tiene/,
    );
    expect(said("$& has another role now. Ask the host for a link of your own.")).toMatch(
      /^\$& tiene/,
    );
  });

  it("takes the sentence that fits best, and leaves what it does not know", () => {
    expect(said("All 4 sandboxes are busy and 9 runs wait. Try again in a moment.")).toMatch(
      /^Los 4 entornos/,
    );
    expect(said("The formatter takes too long. Try again in a moment.")).toBe(
      "El programa que da formato tarda demasiado. Prueba de nuevo en un momento.",
    );
    expect(said("main.py:3: invalid syntax")).toBe("main.py:3: invalid syntax");
  });
});
