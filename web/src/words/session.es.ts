/** Lo que dicen la sesión y su repetición, en español. */
import { plural } from "./plural";
import type { session as english } from "./session.en";

export const session: typeof english = {
  session: {
    opening: "Abriendo la sesión",
    notHere: "Esta sesión no está aquí",
    notHereWhy:
      "Se borró, o este navegador no ha entrado en ella. Abre el enlace de invitación que recibiste.",
    cannotOpen: "No se puede abrir la sesión",
    signIn: "Inicia sesión o mira tus sesiones",
    allSessions: "Todas las sesiones",
    copyLink: "Copiar enlace",
    wrapUp: "Cierre",
    more: "Más",
    ended: "terminada",
    endedTitle: (title) => `${title} (terminada)`,
    endedKept: "Esta sesión ha terminado. Se conserva todo; ya nadie escribe en ella.",
    onlyInterviewersReopen: "Solo quien entrevista puede reabrir la sesión.",
    download: "Descargar",
    reopen: "Reabrir",
    waitingCount: (count) => `${count} en espera`,
    language: "Lenguaje",
    startedAgain: "Ves la sesión como la tiene el servidor.",
    copyMyText: "Copiar mi texto",
    throwAway: "Tirarlo",
    dismiss: "Descartar",
    copyThenReload: "Lo que escribiste sigue aquí: copia lo que necesites y después",
    reload: "vuelve a cargar",
    lockedEditing:
      "Quien entrevista ha bloqueado la edición por ahora. Lo que escribiste se conserva.",
    lockedRunning:
      "Quien entrevista ha bloqueado la ejecución por ahora. Lo que escribiste se conserva.",
    lockedBoth:
      "Quien entrevista ha bloqueado la edición y la ejecución por ahora. Lo que escribiste se conserva.",
    notices: "Avisos",
    panes: "Paneles",
    problem: "Problema",
    code: "Código",
    terminal: "Terminal",
    side: "Gente",
    run: "Ejecutar",
    runProgram: (path) => `Ejecutar el programa ${path}`,
    resize: {
      problem: "Anchura del problema",
      side: "Ancho del panel lateral",
      output: "Alto de la terminal",
    },
    rehearsal:
      "Esto es un ensayo: prueba el editor y una ejecución, elige tema y teclas. Se conservan para la entrevista.",
    rehearsalDone: "Volver a la invitación",
    final: {
      tooLarge: "El cambio es demasiado grande para el servidor",
      refused: "El servidor rechazó un cambio de este navegador",
      notIn: "Ya no estás en esta sesión",
      readOnly: "Puedes mirar esta sesión, pero no escribir en ella",
      gone: "Esta sesión ya no existe",
      replaced: "El documento fue reemplazado mientras no estabas",
      broken: "Algo del documento falló en este navegador",
      unreadable: "Este navegador no puede abrir el documento",
      closed: "El servidor cerró la conexión",
    },
  },

  withheld: {
    locked:
      "La edición se bloqueó antes de que se pudiera enviar lo que escribiste aquí. Se envía cuando se desbloquee.",
    watching:
      "Ahora solo puedes mirar, y lo que escribiste aquí no se había enviado. Se envía cuando puedas volver a escribir.",
    ended:
      "La sesión terminó antes de que se pudiera enviar lo que escribiste aquí. Si se reabre, se envía.",
    out: "Ya no te dejan entrar, y lo que escribiste aquí no se envió.",
    elsewhere:
      "Alguien escribió esto en este navegador y nunca se envió: con otro nombre, o antes de entrar de nuevo.",
    copyIt: "Lo que escribiste aquí no se aceptó: copia lo que necesites.",
    soItWas: "Así estaban tus archivos:",
    pieces: "escrito aquí",
    refusedNow: "Ahora no puedes escribir: no ha cambiado nada.",
  },

  status: {
    connecting: "conectando",
    connectingWhy: "Llegando al servidor.",
    saved: "guardado",
    savedWhy: "Todo guardado: el servidor ha registrado cada cambio que hiciste.",
    waits: "no todo guardado",
    waitsWhy:
      "Lo que escribiste antes no se pudo enviar. Se conserva aquí; un aviso dice por qué y tiene una copia.",
    saving: "guardando",
    savingWhy: (count) =>
      `${plural(count, "cambio", "cambios")} en camino. Cuentan como guardados cuando el servidor los ha registrado.`,
    reconnecting: "reconectando",
    reconnectingWhy:
      "Se perdió la conexión. Todo lo que escribiste está guardado; sigue escribiendo, se enviará.",
    offline: (count) =>
      `sin conexión, ${plural(count, "cambio guardado", "cambios guardados")} aquí`,
    offlineWhy: (count) =>
      `Se perdió la conexión. ${plural(count, "cambio se conserva", "cambios se conservan")} en este navegador y se enviará al volver, aunque cierres esta ventana.`,
    offlineLittle: (count) =>
      `Se perdió la conexión. ${plural(count, "cambio está", "cambios están")} en el poco espacio que da este navegador (2 millones de caracteres), y se envía al volver o cuando abras aquí otra vez esta página.`,
    unsent: (count) => `sin conexión, ${plural(count, "cambio sin enviar", "cambios sin enviar")}`,
    unsentWhy: "Se perdió la conexión. Lo que escribiste se envía cuando vuelva.",
    notKept: "Este navegador no lo conserva: deja abierta esta ventana hasta que esté guardado.",
    mended:
      "Algo falló en el editor. Lo que escribiste sigue aquí; el estado dice si está guardado.",
    ended: "terminada",
    endedWhy: "La sesión ha terminado. Se conserva todo, ya nadie escribe.",
    disconnected: "desconectado",
    disconnectedWhy: (reason) => `${reason} Vuelve a cargar la página para seguir.`,
  },

  files: {
    label: "Archivos",
    opening: "Abriendo el documento",
    new: "Archivo nuevo",
    menu: "Archivo",
    download: (path) => `Descargar ${path}`,
    upload: "Subir archivos…",
    rename: (path) => `Renombrar ${path}…`,
    delete: (path) => `Borrar ${path}`,
    deleted: (path) => `${path} se ha borrado.`,
    isMain: (path) => `${path} es lo que se ejecuta: se queda.`,
    toUpload: "Archivos que subir",
    tooLarge: (path, bytes) =>
      `${path} es demasiado grande: todos los archivos de una sesión juntos tienen ${bytes} bytes como mucho.`,
    tooMany: (files) => `Una sesión puede tener ${files} archivos.`,
    dropElsewhere:
      "Suelta archivos en las pestañas para añadirlos, o en el código para insertar su texto.",
    clashed: (path, now) => `Otra persona tomó el nombre ${path} a la vez: el tuyo es ${now}.`,
    goneKept: (path) => `${path} se ha borrado. Lo que escribes se conserva.`,
    bringBack: (path) => `Recuperar ${path}`,
    backAs: (path, now) => `Ahora hay otro ${path}: ha vuelto como ${now}.`,
    close: "Cerrar",
    languageNow: (path) => `Ha cambiado el lenguaje: se ejecuta ${path}.`,
    questionNow: (path) => `Otra pregunta: se ejecuta ${path}.`,
    shownIn: (path) => `Lo que sigues está en ${path}.`,
    goTo: (path) => `Ir a ${path}`,
    backTo: (path) => `Volver a ${path}`,
    editor: (path) => `${path}, editor compartido. Se sale con Escape y después Tabulador.`,
    viewer: (path) => `${path}, solo lectura`,
    tooMuch: (bytes) =>
      `Es demasiado: una sesión admite ${bytes} bytes de texto. No se cambió nada.`,
    format: "Formatear",
    nothingKnown: "No se sabe nada de este lugar.",
    nameless: "Alguien",
  },

  people: {
    follow: (name) => `Seguir a ${name}`,
    following: (name) => `Siguiendo a ${name}`,
    stopFollowing: "Dejar de seguir",
    gathered: (name) => `${name} te pide que mires aquí`,
    gatheredTo: (name, path) => `${name} te pide que mires ${path}.`,
    point: "Señalar",
    pointHint: "Muestra a los demás tu selección o tu línea un momento (Alt+clic en el código)",
  },

  branches: {
    label: "Preguntas de seguimiento",
    question: "Pregunta de seguimiento",
    placeholder: "¿Y si la entrada es un flujo?",
    ask: "Preguntar",
    at: (name: string) => `Seguimiento: ${name}`,
    back: "Volver a la línea principal",
    backNow: "De vuelta en la línea principal",
    main: "Línea principal",
    go: "Ir",
    goTo: (name: string) => `Ir: ${name}`,
  },

  clock: {
    of: (minutes) => `de ${minutes}`,
    set: "Poner el reloj",
  },

  output: {
    offline:
      "Sin conexión: el programa se ejecuta en el servidor. Inténtalo cuando vuelva la conexión.",
    label: "Terminal",
    run: "Ejecutar",
    stop: "Parar",
    runHint: (keys) => `Ejecutar (${keys})`,
    againHint: (keys) => `Parar y volver a ejecutar (${keys})`,
    stopHint: "Parar (Ctrl .)",
    title: "Terminal",
    hintAlone: "Ejecuta el programa: lo que imprima sale aquí, y puedes escribirle.",
    hintWatching: "Aquí sale lo que imprime el programa.",
    hint: "Ejecuta el programa: todos en la sesión ven lo que imprime y pueden escribirle.",
    nothing: "No imprimió nada.",
    screen: "Salida y entrada del programa. Mayús Tab sale de aquí.",
    tooMuch: "Demasiada salida para leerla: recórrela línea por línea.",
    problems: "Problemas",
    moreProblems: (count) => `y ${count} más, marcados en el código`,
  },

  runs: {
    waiting: (place) => `en cola, puesto ${place}`,
    starting: "empezando",
    compiling: "compilando",
    running: "en marcha",
    exited: (code) => `salió con ${code}`,
    endedBy: (signal) => `terminado por ${signal}`,
    compileError: "no compiló",
    timeout: "tardó demasiado y se detuvo",
    memory: "usó demasiada memoria y se detuvo",
    outputLimit: "imprimió demasiado y se detuvo",
    stopped: "detenido",
    sandboxError: "no se pudo ejecutar: no es culpa de tu programa",
    signals: {
      SIGSEGV: "falló: tocó memoria que no es suya (SIGSEGV)",
      SIGABRT: "se rindió: llamó a abort (SIGABRT)",
      SIGFPE: "falló: aritmética imposible, como dividir por cero (SIGFPE)",
      SIGILL: "falló: una instrucción imposible (SIGILL)",
      SIGBUS: "falló: tocó memoria que no existe (SIGBUS)",
      SIGINT: "interrumpido con ^C",
      SIGTERM: "se le pidió terminar (SIGTERM)",
      SIGKILL: "se le mató (SIGKILL)",
      SIGPIPE: "escribió en algo que estaba cerrado (SIGPIPE)",
      SIGXFSZ: "escribió un archivo demasiado grande (SIGXFSZ)",
    },
  },

  announcements: {
    suggests: (name, path) => `${name} sugiere un cambio en ${path}`,
    unlockedEditing: "Puedes volver a editar",
    unlockedRunning: "Puedes volver a ejecutar programas",
    thinking: "Empieza tu tiempo para pensar a solas: quien entrevista no ve tu editor",
    thinkingOver: "El tiempo para pensar terminó: quien entrevista vuelve a ver tu editor",
    reopened: "La sesión está abierta de nuevo.",
    said: (name, text) => `${name}, a todos: ${text}`,
    edits: (name, line) => `${name} edita la línea ${line}`,
    ran: (name, path) => `${name} ejecutó ${path}`,
    joined: (name) => `${name} ha entrado`,
    left: (name) => `${name} ha salido`,
  },

  bar: {
    preferences: "Aspecto y teclas",
    server: "El servidor",
    suggest: "Sugerir",
    suggestHint: "Propón otro texto para la selección o la línea",
    help: "Teclas y ayuda",
  },
};
