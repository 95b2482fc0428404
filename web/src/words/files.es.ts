/** Lo que se dice de los archivos que se añaden, nombran o formatean, o que faltan, en español. */
import type { files as english } from "./files.en";

export const files: typeof english = {
  none: "Esta sesión no tiene ningún archivo.",
  noneWhy: "Crea uno para escribir, o recupera uno que se borró.",
  noneThen: "En este momento no hay ningún archivo.",
  make: (path) => `Crear ${path}`,
  newName: (path) => `Nombre nuevo de ${path}`,
  nameOfNew: "Nombre del archivo nuevo",
  nameExample: "lib/tools.py",
  renameIt: "Renombrar",
  add: "Añadir",
  typeName: "Escribe un nombre, como tools.py.",
  nameTooLong: (longest) => `Un nombre tiene ${longest} caracteres como mucho.`,
  nameControl: "Un nombre no lleva caracteres que no se ven.",
  nameCharacter: (character) =>
    `Un nombre no lleva «${character}»: no todos los ordenadores lo admiten.`,
  nameEnd: "Ninguna parte de un nombre empieza por un espacio, ni acaba en espacio o punto.",
  nameReserved: (part) => `Windows se reserva el nombre ${part}.`,
  namePlain: "Un nombre es una ruta sencilla, como lib/tools.py.",
  nameTaken: (path) => `Ya hay un archivo ${path}.`,
  nameOtherFolder: (folder, known) =>
    `Hay una carpeta ${known}, y algunos ordenadores toman ${folder} por la misma: escribe ${known}.`,
  nameFolder: "Un archivo no puede ser también una carpeta.",
  noText: (path) => `${path} no es texto: no se ha tomado.`,
  unreadable: (path) => `No se pudo leer ${path}.`,
  guessed: (path, encoding) =>
    `${path} no está en UTF-8: se leyó como ${encoding}. Revisa los acentos.`,
  notAdded: (path, why) => `${path} no se añadió: ${why}`,
  formatted: (path, tool) => `${tool} formateó ${path}.`,
  formattedAlready: (path) => `${path} ya está formateado.`,
};
