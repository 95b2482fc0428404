// The same three requests with what Go brings, net/http, and go-sqlite3 as Debian packages it. One process, one core.
package main

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const starter = "def main() -> None:\n    print(\"Hello from Pizarra\")\n\n\nif __name__ == \"__main__\":\n    main()\n"
const columns = "session_id, room_id, title, language, initial_code, status, created_at"
const longest = 2 << 20 // bytes of a body

var languages = map[string]bool{"python": true, "javascript": true, "typescript": true, "java": true, "cpp": true}

type session struct {
	ID          string `json:"session_id"`
	Room        string `json:"room_id"`
	Title       string `json:"title"`
	Language    string `json:"language"`
	InitialCode string `json:"initial_code"`
	Status      string `json:"status"`
	CreatedAt   string `json:"created_at"`
	ShareURL    string `json:"share_url"`
	ActiveUsers int    `json:"active_users"`
}

type wanted struct {
	Language    *string `json:"language"`
	Title       *string `json:"title"`
	InitialCode *string `json:"initial_code"`
}

type server struct {
	insert, find, list *sql.Stmt
	base               string
}

func id() string {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		panic(err)
	}
	return hex.EncodeToString(raw)
}

func or(given *string, otherwise string) string {
	if given == nil {
		return otherwise
	}
	return *given
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status int, detail string) {
	answer(w, status, map[string]string{"detail": detail})
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	var body wanted
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longest)).Decode(&body)
	language := or(body.Language, "python")
	if (err != nil && err != io.EOF) || !languages[language] {
		refuse(w, 422, "invalid input")
		return
	}
	made := session{ID: id(), Room: id(), Title: or(body.Title, "Untitled session"), Language: language,
		InitialCode: or(body.InitialCode, starter), Status: "open",
		CreatedAt: time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	_, err = s.insert.Exec(made.ID, made.Room, made.Title, made.Language, made.InitialCode, made.Status, made.CreatedAt)
	if err != nil {
		refuse(w, 503, "the database does not answer")
		return
	}
	made.ShareURL = s.base + made.ID
	answer(w, 201, made)
}

type row interface{ Scan(into ...any) error }

func (s *server) read(from row) (session, error) {
	var it session
	err := from.Scan(&it.ID, &it.Room, &it.Title, &it.Language, &it.InitialCode, &it.Status, &it.CreatedAt)
	it.ShareURL = s.base + it.ID
	return it, err
}

func (s *server) get(w http.ResponseWriter, r *http.Request) {
	asked := strings.TrimPrefix(r.URL.Path, "/api/sessions/")
	found, err := s.read(s.find.QueryRow(asked))
	if err != nil {
		refuse(w, 404, "Session "+asked+" not found")
		return
	}
	answer(w, 200, found)
}

func number(r *http.Request, name string, otherwise int) int {
	if given, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
		return given
	}
	return otherwise
}

func (s *server) all(w http.ResponseWriter, r *http.Request) {
	rows, err := s.list.Query(number(r, "limit", 100), number(r, "skip", 0))
	if err != nil {
		refuse(w, 503, "the database does not answer")
		return
	}
	defer rows.Close()
	found := []session{}
	for rows.Next() {
		each, err := s.read(rows)
		if err != nil {
			refuse(w, 503, "the database does not answer")
			return
		}
		found = append(found, each)
	}
	answer(w, 200, found)
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	file, port := os.Args[1], os.Args[2]
	db := must(sql.Open("sqlite3", file+"?_journal_mode=WAL&_synchronous=NORMAL"))
	db.SetMaxOpenConns(1)
	must(db.Exec(`CREATE TABLE sessions (id INTEGER PRIMARY KEY, session_id TEXT UNIQUE, room_id TEXT UNIQUE, title TEXT,
		language TEXT, initial_code TEXT, status TEXT, created_at TEXT)`))
	s := &server{
		insert: must(db.Prepare("INSERT INTO sessions (" + columns + ") VALUES (?, ?, ?, ?, ?, ?, ?)")),
		find:   must(db.Prepare("SELECT " + columns + " FROM sessions WHERE session_id = ?")),
		list:   must(db.Prepare("SELECT " + columns + " FROM sessions ORDER BY id DESC LIMIT ? OFFSET ?")),
		base:   "http://127.0.0.1:" + port + "/j/",
	}
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, map[string]string{"status": "ok"}) })
	http.HandleFunc("/api/sessions/", s.get)
	http.HandleFunc("/api/sessions", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			s.create(w, r)
		} else {
			s.all(w, r)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
