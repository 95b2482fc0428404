/** What only interviewers use: fetched when they open it. */
import "../styles/panels.css";
export { ClockForm } from "./clock-form";
export { GuidePanel } from "./guide";
export { NotesPanel } from "./notes";
export { ScoresPanel } from "./scores";
export { TestsPanel } from "./tests-panel";
