// The same three requests on Express and better-sqlite3, written the way their documentation shows.
import { randomBytes } from "node:crypto";
import Database from "better-sqlite3";
import express from "express";

const [file, port] = process.argv.slice(2);
const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = NORMAL");
db.exec(`CREATE TABLE sessions (id INTEGER PRIMARY KEY, session_id TEXT UNIQUE, room_id TEXT UNIQUE, title TEXT,
  language TEXT, initial_code TEXT, status TEXT, created_at TEXT)`);
const insert = db.prepare(`INSERT INTO sessions (session_id, room_id, title, language, initial_code, status, created_at)
  VALUES (@session_id, @room_id, @title, @language, @initial_code, @status, @created_at)`);
const find = db.prepare("SELECT * FROM sessions WHERE session_id = ?");
const list = db.prepare("SELECT * FROM sessions ORDER BY id DESC LIMIT ? OFFSET ?");

const languages = new Set(["python", "javascript", "typescript", "java", "cpp"]);
const starter = 'def main() -> None:\n    print("Hello from Pizarra")\n\n\nif __name__ == "__main__":\n    main()\n';
const show = ({ id, ...row }) => ({
  ...row,
  share_url: `http://127.0.0.1:${port}/j/${row.session_id}`,
  active_users: 0,
});

const app = express();
app.use(express.json());
app.post("/api/sessions", (request, response) => {
  const { language = "python", title = "Untitled session", initial_code = starter } = request.body ?? {};
  if (!languages.has(language)) return response.status(422).json({ detail: "unknown language" });
  const session = {
    session_id: randomBytes(16).toString("hex"),
    room_id: randomBytes(16).toString("hex"),
    title,
    language,
    initial_code,
    status: "open",
    created_at: new Date().toISOString(),
  };
  insert.run(session);
  response.status(201).json(show(session));
});
app.get("/api/sessions/:id", (request, response) => {
  const row = find.get(request.params.id);
  if (!row) return response.status(404).json({ detail: `Session ${request.params.id} not found` });
  response.json(show(row));
});
app.get("/api/sessions", (request, response) => {
  const skip = Number(request.query.skip ?? 0);
  const limit = Number(request.query.limit ?? 100);
  response.json(list.all(limit, skip).map(show));
});
app.get("/health", (_request, response) => response.json({ status: "ok" }));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
