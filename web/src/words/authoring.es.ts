/** Lo que dice la escritura de preguntas, en español. */
import { plural } from "./plural";
import type { authoring as english } from "./authoring.en";

export const authoring: typeof english = {
  kept: "Lo que no está aquí queda como está: los archivos de un proyecto y lo dicho en otros idiomas.",

  pictures: {
    title: "Imágenes",
    hint: "para el enunciado: PNG, JPEG, GIF o WebP",
    add: "Añadir imágenes",
    remove: (name) => `Quitar ${name}`,
  },
  about: {
    licence: "Licencia",
    source: "Procedencia",
    sourceHint: "de dónde viene y quién la escribió",
  },
  signature: {
    title: "Firma",
    hint: "cada lenguaje la escribe a su manera",
    function: "Función",
    nameHint: "como twoSum",
    returns: "Devuelve",
    parameter: (number) => `Parámetro ${number}`,
    name: "Parámetro",
    type: "Tipo",
    add: "Un parámetro más",
    remove: (number) => `Quitar el parámetro ${number}`,
    inPlace: "Modifica",
    nothing: "nada",
    process: "Procesos",
    processes: { per_call: "uno para todos los casos", per_case: "uno por caso" },
    starterHint: "vacío: el de la firma",
  },
  cases: {
    ofFunctions:
      "En una función, la entrada son sus argumentos en JSON, uno por línea, y lo esperado es su valor.",
    ofProjects:
      "En un proyecto cada caso es una prueba, con el nombre con que se informa de ella en todos los lenguajes; si se deja vacío, el del propio caso.",
    test: "Prueba",
    more: "Pista y descripción",
    hint: "Pista",
    hintWhy: "para quien lo falle",
    description: "Descripción",
    descriptionWhy: "para entrevistadores",
    secretCount: "Quien se presenta puede saber cuántos casos secretos hay",
  },
  compare: {
    title: "Qué es correcto",
    relative: "… o en esta parte del número",
    caseSensitive: "a no es la misma letra que A",
    spaceSensitive: "cuentan los espacios",
    checker: "Comprobador",
    checkerHint: "termina con 42 si la salida es correcta y con 43 si no",
    checkerLanguage: "Comprobador escrito en",
  },
  wrong: {
    title: "Soluciones incorrectas",
    hint: "deben fallar: si una pasa, los casos son demasiado débiles",
    nth: (number) => `Solución incorrecta ${number}`,
    add: "Una solución incorrecta más",
    remove: (number) => `Quitar la solución incorrecta ${number}`,
    name: "Qué tiene de malo",
    language: "Escrita en",
    verdict: "Cómo falla",
    verdicts: {
      rejected: "de cualquier modo",
      wrong_answer: "respuesta incorrecta",
      time_limit_exceeded: "sin tiempo",
      run_time_error: "se interrumpe",
    },
    source: "Programa",
    fails: "Debe fallar en",
    failsHint: "ninguno: donde sea",
  },
  rubric: { title: "Criterios", hint: "para entrevistadores: uno por línea" },
  followUps: {
    title: "Preguntas de seguimiento",
    hint: "para entrevistadores: qué preguntar después",
    nth: (number) => `Seguimiento ${number}`,
    add: "Un seguimiento más",
    remove: (number) => `Quitar el seguimiento ${number}`,
    name: "Cómo se llama",
    text: "Qué se pregunta",
    starters: "Con qué se empieza",
    starter: (language) => `En ${language} se empieza con`,
    starterHint: "vacío: la respuesta hasta ahora",
  },

  paste: {
    title: "A partir de una firma",
    open: "A partir de una firma…",
    text: "Firma y ejemplos",
    textHint: "un ejemplo por línea; o el canonical-data.json de un ejercicio",
    example: () => "twoSum(int[] nums, int target) -> int[]\ntwoSum([2, 7, 11], 9) -> [0, 1]",
    file: "… o desde un archivo",
    statement: "Enunciado",
    read: "Leer",
    secret: (count) => plural(count, "caso secreto", "casos secretos"),
    make: "Hacer un borrador",
    makeWhy: "Antes de eso no se guarda nada.",
    made: "Borrador hecho: repásalo.",
  },
  files: {
    title: (title) => `Archivos de ${title}`,
    open: "Archivos",
    about:
      "El paquete de la pregunta, en el formato Kattis/ICPC; .pizarra.yaml tiene lo que solo sabe Pizarra.",
    list: "Archivos",
    path: "Archivo nuevo",
    add: "Añadir",
    save: "Guardar como versión nueva",
    remove: (path) => `Quitar ${path}`,
    saved: (version) => `Guardado. Ahora es la versión ${version}.`,
  },
  trying: {
    try: "Probarla",
    tryWhy:
      "En una sala propia, como la ve quien se presenta; no sale en ninguna lista y se borra al cabo de un día",
  },
  proof: {
    done: (done, of) => `${done} de ${of} lenguajes`,
    stop: "Parar",
    limit: (seconds, slowest) =>
      `Tiempo máximo de un caso: ${String(seconds).replace(".", ",")} s${slowest === null ? "" : `; la solución más lenta tarda ${slowest} ms`}`,
  },
};
