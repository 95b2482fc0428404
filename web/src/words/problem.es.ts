/** Lo que dice el panel del problema de la sesión, en español. */
import type { problem as english } from "./problem.en";
import { plural } from "./plural";

export const problem: typeof english = {
  label: "Problema",
  hide: "Ocultar",
  hideWhy: "Plegar el problema",
  show: "Problema",
  showWhy: (key) => `Mostrar el problema (${key})`,
  empty: "Aún no hay problema. Elige uno de la biblioteca o escríbelo.",
  missing: (why) => `No se pudo cargar el problema. ${why}`,
  tooLarge: "(Lo que va aquí es demasiado grande para mostrarlo.)",
  secret: (count) =>
    count === 1
      ? "Se prueba un caso más que solo ven los entrevistadores."
      : `Se prueban ${count} casos más que solo ven los entrevistadores.`,
  samples: {
    title: "Ejemplos",
    run: "Probar ejemplos",
    runHint: (keys) => `Prueba el programa con los ejemplos (${keys})`,
    trying: (count) => `Probando ${plural(count, "ejemplo", "ejemplos")}`,
    slow: "Tarda más de lo normal. El resultado aparecerá aquí.",
    of: (passed, all) => `${passed} de ${plural(all, "ejemplo pasa", "ejemplos pasan")}`,
    by: (name, path) => `${name} · ${path}`,
    nth: (number) => `Ejemplo ${number}`,
    input: "Entrada",
    expected: "Esperado",
    nothing: "nada",
    passed: "pasa",
    failed: "falla",
    notTried: "sin probar",
    notTriedWhy: "Tres ejemplos anteriores agotaron el tiempo.",
    judge: "Falló el comprobador de la pregunta. No es culpa del programa.",
    gotInstead: "Lo que salió en su lugar",
    rightButFailed: "Parece igual; la pregunta lo da por incorrecto.",
    printed: "Lo que se imprimió",
    said: "De qué se quejó",
    ended: "termina bien",
    got: "Lo que salió",
    old: (since) => ` · de ${since}; el código ha cambiado desde entonces`,
    use: "Ejecutar con esta entrada",
    useHint: "El programa se ejecuta en la terminal con este ejemplo como entrada",
    offline: "No hay conexión. Inténtalo cuando vuelva.",
  },
  own: {
    title: "Tus casos",
    theirs: "Casos propios",
    add: "Añadir un caso",
    empty: "Inventa una entrada: se prueba con los ejemplos, a la vista de todos.",
    nth: (number) => `Caso propio ${number}`,
    othersNth: (number) => `Caso ${number} de quien probó`,
    lines: (names) => `Argumentos, uno por línea: ${names}`,
    expected: "Esperado; vacío: basta con que termine bien",
    keep: "Guardar",
    cancel: "Cancelar",
    edit: "Editar",
    editNth: (number) => `Editar el caso propio ${number}`,
    remove: "Quitar",
    removeNth: (number) => `Quitar el caso propio ${number}`,
    vary: "Convertirlo en un caso mío",
    varyHint: "Sus argumentos pasan a ser un caso tuyo, para cambiarlo y probarlo",
  },
  trying: {
    banner:
      "Ves esta pregunta como quien se presenta. Esta sala no sale en listas ni estadísticas.",
    back: "Volver a la pregunta",
  },
};
