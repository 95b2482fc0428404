/** What is said of files that are added, named, formatted, or missing, in English. */

export const files = {
  none: "This session has no file.",
  noneWhy: "Make one to write in, or bring back one that was deleted.",
  noneThen: "There is no file at this moment.",
  make: (path: string) => `Make ${path}`,
  newName: (path: string) => `New name of ${path}`,
  nameOfNew: "Name of the new file",
  nameExample: "lib/tools.py",
  renameIt: "Rename",
  add: "Add",
  typeName: "Type a name, such as tools.py.",
  nameTooLong: (longest: number) => `A name has ${longest} characters at most.`,
  nameControl: "A name has no characters that cannot be seen.",
  nameCharacter: (character: string) =>
    `A name has no “${character}”: not every computer takes it.`,
  nameEnd: "No part of a name begins with a space, or ends with a space or a dot.",
  nameReserved: (part: string) => `Windows keeps the name ${part} for itself.`,
  namePlain: "A name is a plain path, such as lib/tools.py.",
  nameTaken: (path: string) => `There is a file ${path} already.`,
  nameOtherFolder: (folder: string, known: string) =>
    `There is a folder ${known}, and some computers take ${folder} for the same: write ${known}.`,
  nameFolder: "A file cannot be a folder too.",
  noText: (path: string) => `${path} is not text: it was not taken.`,
  unreadable: (path: string) => `${path} could not be read.`,
  guessed: (path: string, encoding: string) =>
    `${path} is not UTF-8: it was read as ${encoding}. Check its accents.`,
  notAdded: (path: string, why: string) => `${path} was not added: ${why}`,
  formatted: (path: string, tool: string) => `${path} was formatted by ${tool}.`,
  formattedAlready: (path: string) => `${path} is formatted already.`,
};
