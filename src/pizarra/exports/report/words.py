"""What a report says, in English and Spanish: written in each, not translated word by word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ReportLanguage = Literal["en", "es"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every sentence of a report. What is in braces is filled in."""

    lang: ReportLanguage
    server: str
    roles: Mapping[str, str]
    decisions: str
    decisions_head: tuple[str, str, str]
    verdicts: Mapping[str, str]
    decide_first: str
    criteria: Mapping[str, str]
    scores: str
    scores_head: tuple[str, str, str]
    notes: str
    place: str
    tests: str
    test: str
    never_passed: str
    first_passed: str
    broke: str
    passes_at_end: str
    fails_at_end: str
    tries: str
    self_reported: str
    time: str
    spent: Mapping[str, str]
    pace: str
    edits: str
    edits_head: tuple[str, str]
    runs: str
    runs_head: tuple[str, str, str, str]
    endings: Mapping[str, str]
    said: str
    questions: str
    posed: str
    tried: str
    asked: str
    went_back: str
    main_line: str
    signals: str
    happened_head: tuple[str, str, str]
    pasted: str
    sources: Mapping[str, str]
    was_away: str
    lost: str
    came_back: str
    explained: str

    def criterion(self, name: str) -> str:
        """Return a criterion as this language calls it; what somebody made up is called that."""
        return self.criteria.get(name, name)


ENGLISH = Words(
    lang="en",
    server="the server",
    roles={
        "host": "host",
        "interviewer": "interviewer",
        "candidate": "candidate",
        "observer": "observer",
    },
    decisions="Decisions",
    decisions_head=("who", "decision", "why"),
    verdicts={"strong_no": "strong no", "no": "no", "yes": "yes", "strong_yes": "strong yes"},
    decide_first="Decide first, then you see the others' decisions here.",
    criteria={
        "Problem solving": "Problem solving",
        "Code quality": "Code quality",
        "Testing": "Testing",
        "Communication": "Communication",
    },
    scores="Scores: {name}",
    scores_head=("criterion", "1 to 4", "why"),
    notes="Notes",
    place="{path}, line {line}",
    tests="Tests",
    test="Test {number}",
    never_passed="never passed",
    first_passed="first passed at {at}",
    broke="broke at {at}",
    passes_at_end="passes at the end",
    fails_at_end="fails at the end",
    tries="A lane for each test, in their order: green and high passed, red and low did not. {count} instants tried.",
    self_reported="The program ran where its tests ran, and could report for itself.",
    time="Time",
    spent={"typing": "typing", "running": "running", "idle": "neither: talking, reading, thinking"},
    pace="Who typed when, and below when programs ended ({count}): green exited 0, red did not.",
    edits="Edits",
    edits_head=("who", "edits"),
    runs="Runs",
    runs_head=("at", "who", "file", "how it ended"),
    endings={
        "exited": "exited",
        "compile_error": "did not compile",
        "timeout": "took too long and was stopped",
        "memory": "used too much memory and was stopped",
        "output_limit": "printed too much and was stopped",
        "stopped": "was stopped",
        "sandbox_error": "could not be run: not the program's fault",
    },
    said="Written to everybody",
    questions="Questions",
    posed="gave the question: {title} (version {version})",
    tried="{passed} of {count} samples passed",
    asked="asked: {name}",
    went_back="went back to: {name}",
    main_line="the main line",
    signals="Pastes, time away, lost connections",
    happened_head=("at", "who", "what"),
    pasted="pasted {count} characters ({source})",
    sources={"own": "own", "session": "from this session", "outside": "from outside"},
    was_away="away for {seconds} s",
    lost="lost the connection",
    came_back="came back after {seconds} s",
    explained="said: {text}",
)
SPANISH = Words(
    lang="es",
    server="el servidor",
    roles={
        "host": "anfitrión",
        "interviewer": "entrevista",
        "candidate": "candidatura",
        "observer": "observa",
    },
    decisions="Decisiones",
    decisions_head=("quién", "decisión", "por qué"),
    verdicts={"strong_no": "no rotundo", "no": "no", "yes": "sí", "strong_yes": "sí rotundo"},
    decide_first="Decide primero; después verás aquí las decisiones de los demás.",
    criteria={
        "Problem solving": "Resolución de problemas",
        "Code quality": "Calidad del código",
        "Testing": "Pruebas del código",
        "Communication": "Comunicación",
    },
    scores="Puntuación: {name}",
    scores_head=("criterio", "de 1 a 4", "por qué"),
    notes="Notas",
    place="{path}, línea {line}",
    tests="Pruebas",
    test="Prueba {number}",
    never_passed="no pasó nunca",
    first_passed="pasó por primera vez en {at}",
    broke="dejó de pasar en {at}",
    passes_at_end="al final pasa",
    fails_at_end="al final falla",
    tries="Una franja por prueba, en su orden: verde y arriba pasó, rojo y abajo no. Se probó en {count} instantes.",
    self_reported="El programa se ejecutó donde se ejecutaron sus tests y pudo informar por sí mismo.",
    time="Tiempo",
    spent={
        "typing": "escribiendo",
        "running": "ejecutando",
        "idle": "ninguna de las dos: hablando, leyendo, pensando",
    },
    pace="Quién escribió y cuándo; debajo, cuándo terminaron los programas ({count}): verde salió con 0, rojo no.",
    edits="Cambios",
    edits_head=("quién", "cambios"),
    runs="Ejecuciones",
    runs_head=("en", "quién", "archivo", "cómo terminó"),
    endings={
        "exited": "salió con",
        "compile_error": "no compiló",
        "timeout": "tardó demasiado y se detuvo",
        "memory": "usó demasiada memoria y se detuvo",
        "output_limit": "imprimió demasiado y se detuvo",
        "stopped": "detenido",
        "sandbox_error": "no se pudo ejecutar: no es culpa del programa",
    },
    said="Escrito a todos",
    questions="Preguntas",
    posed="planteó la pregunta: {title} (versión {version})",
    tried="{passed} de {count} ejemplos bien",
    asked="preguntó: {name}",
    went_back="volvió a: {name}",
    main_line="la línea principal",
    signals="Texto pegado, ausencias y cortes de conexión",
    happened_head=("en", "quién", "qué"),
    pasted="pegó {count} caracteres ({source})",
    sources={"own": "propio", "session": "de esta sesión", "outside": "de fuera"},
    was_away="fuera durante {seconds} s",
    lost="perdió la conexión",
    came_back="volvió después de {seconds} s",
    explained="dijo: {text}",
)
WORDS: Mapping[ReportLanguage, Words] = {"en": ENGLISH, "es": SPANISH}
