/** What only interviewers use: fetched when they open it. */
export { Notes } from "./notes";
export { Scores } from "./scores";
export { TestsPanel } from "./tests-panel";
