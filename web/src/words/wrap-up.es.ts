/** Lo que dicen el cierre y lo demás del final de una entrevista, en español. */
import type { wrapUp as english } from "./wrap-up.en";

export const wrapUp: typeof english = {
  title: (title) => `Cierre: ${title}`,
  open: "La sesión está abierta: quienes están en ella pueden seguir escribiendo.",
  ended:
    "La sesión ha terminado. La puntuación, las notas y la decisión todavía se pueden cambiar.",
  end: "Terminar la sesión",
  back: "Volver a la sesión",
  code: "Código",
  signedOut:
    "Se cerró tu sesión, o esta entrevista se borró. Lo que escribiste sigue aquí: vuelve a iniciar sesión en otra pestaña y continúa.",
  refused: "Solo quienes entrevistan cierran una sesión.",
  notes: "Notas",

  decision: {
    label: "Decisión",
    verdicts: { strong_no: "no rotundo", no: "no", yes: "sí", strong_yes: "sí rotundo" },
    why: "Por qué",
    submit: "Enviar decisión",
    change: "Enviar cambio",
    blind: "Verás a qué llegaron los demás cuando hayas enviado la tuya.",
    given: (ago) => `La tuya, ${ago}`,
    others: "Los demás",
    none: "Nadie más ha decidido.",
    waitingFor: (names) => `Faltan por decidir: ${names}`,
  },

  links: {
    label: "Para quien contrata",
    why: "Un enlace que abre la repetición a alguien que no estuvo, y nada más. No hace falta cuenta.",
    withNotes: "Con nuestras notas, chat, puntuación, decisiones y pruebas",
    days: "Funciona durante",
    daysOf: (days) => (days === 1 ? "un día" : `${days} días`),
    copy: "Copiar enlace de la repetición",
    what: "Enlace de la repetición",
    list: "Enlaces de la repetición",
    until: (when) => `funciona hasta el ${when}`,
    plain: "sin notas",
    noted: "con notas",
    again: "Copiar",
    revoke: "Anular",
    revoked: "El enlace ya no abre nada.",
  },

  rubric: {
    edit: "Cambiar los criterios",
    nth: (number) => `Criterio ${number}`,
    add: "Uno más",
    remove: (number) => `Quitar el criterio ${number}`,
    save: "Guardar los criterios",
    cancel: "Dejarlos como estaban",
    hint: "Los puntos ya dados en un criterio que se quita dejan de contar.",
  },
  criteria: {
    "Problem solving": "Resolución de problemas",
    "Code quality": "Calidad del código",
    Testing: "Pruebas del código",
    Communication: "Comunicación",
  },

  thanks: {
    title: "Gracias.",
    timeline:
      "Esta sesión ha terminado. Se conservan su código y lo que se registró; puedes leer y descargar ambas cosas",
    code: "Esta sesión ha terminado. Se conservan su código y lo que se registró; puedes leer y descargar el código",
    nothing:
      "Esta sesión ha terminado. Su código y lo que se registró quedan con quienes entrevistan, como se dijo.",
    until: (when) => `hasta el ${when}.`,
    always: "mientras se conserven.",
    erased: (when) => `Todo se borra el ${when}.`,
    kept: "Se conserva hasta que quienes entrevistan lo borren.",
  },

  clock: {
    notYet: "Empieza cuando entra la persona candidata.",
    running: "Empezó cuando entró la persona candidata.",
    minutes: "Minutos",
    step: (number) => `Nombre de la parte ${number}`,
    stepExample: "Para empezar",
    stepMinutes: (number) => `Minutos de la parte ${number}`,
    addStep: "Añadir una parte",
    shown: "También lo ve la persona candidata",
    restart: "Contar desde ahora",
    save: "Poner el reloj",
  },

  lines: {
    warning: "Esto lo leen todos en la sesión, también la persona candidata.",
    hint: "Esto lo leen todos en la sesión.",
    empty: "Nadie ha escrito nada aquí.",
    list: "Mensajes a todos",
    write: "Mensaje a todos",
    send: "Enviar a todos",
    readers: (names) => `Lo leerán: ${names}`,
  },

  lettingIn: {
    title: "Dejar entrar a la gente",
    why: "La dirección de esta página, y la de sus enlaces, es la del ordenador en que se abra: aquí, este servidor; en otro sitio, nada. Para que entren los demás, arranca Pizarra de modo que la alcancen:",
    then: "Imprime un enlace con el que haces tu cuenta: desde entonces, quien organiza inicia sesión. Abre la página con el nombre o la dirección de este ordenador y copia allí el enlace. Para TLS y un nombre propio, lee «Dejar entrar a la gente» en README.es.md.",
  },

  shared: {
    title: (title) => `${title}: repetición`,
    readOnly: "Solo lectura",
    about: (when) => `Solo lectura. Este enlace funciona hasta el ${when}.`,
    broken: "Este enlace no abre nada",
  },
};
