/**
 * The files of a session as everybody shares them. A file is its text, which has a name that never changes; the path is
 * what people call it. So a rename moves no text, and what is deleted or replaced stays where it was, to be brought back.
 */
import * as Y from "yjs";
import {
  entryField,
  entryId,
  freshText,
  isText,
  namedText,
  pathOfText,
  rootName,
  textNames,
  wonUnseen,
} from "../collab/listing";
import { Observable } from "../observable";
import { freePath, languageOf } from "./paths";

/** Somebody else took a path in the same moment: `text` has another one now, or, being the same or empty, became `now`. */
export type Clash = { text: string; path: string; now: string };

const KEPT = 8;

export class SharedFiles {
  /** Path → the name of its text, in order of the paths. */
  readonly listed = new Observable<ReadonlyMap<string, string>>(new Map());
  /** Old path → new path of the files that were renamed last. */
  readonly moved = new Observable<ReadonlyMap<string, string>>(new Map());
  readonly clashed = new Observable<Clash | null>(null);
  readonly #entries: Y.Map<unknown>;
  /** What each text was called last. */
  readonly #paths = new Map<string, string>();
  /** The paths that this page gave, and under which entry. */
  readonly #given = new Map<string, { path: string; id: Y.ID }>();

  /** Every change but those of an editor is made here, and only while this person `mayWrite`. */
  constructor(
    private readonly doc: Y.Doc,
    private readonly mayWrite: () => boolean = () => true,
  ) {
    this.#entries = doc.getMap("files");
    this.#entries.observeDeep(() => this.#look());
    this.#look();
  }

  get paths(): string[] {
    return [...this.listed.get().keys()];
  }

  text(name: string): Y.Text {
    return this.doc.getText(name);
  }

  /** The name of the text of a path; null when there is no such file. */
  named(path: string): string | null {
    return this.listed.get().get(path) ?? null;
  }

  isListed(name: string): boolean {
    return this.listed.get().get(this.#paths.get(name) ?? "") === name;
  }

  /** What a text is called, or was. */
  pathOf(name: string): string {
    return this.#paths.get(name) ?? pathOfText(name);
  }

  language(path: string): string {
    const language = entryField(this.#entries.get(path), "language");
    return typeof language === "string" ? language : "text";
  }

  texts(): string[] {
    return [...this.listed.get().values()].map((name) => this.text(name).toString());
  }

  /** Every file's text, one after the other: what is worth keeping when this browser must start again. */
  everything(): string {
    return [...this.listed.get()]
      .map(([path, name]) => `${path}\n${this.text(name).toString()}`)
      .join("\n\n");
  }

  /** The text and the place that a relative position names; null when it is nonsense: a peer sent it. */
  locate(json: unknown): { name: string; index: number } | null {
    try {
      const position = Y.createRelativePositionFromJSON(json);
      const found = Y.createAbsolutePositionFromRelativePosition(position, this.doc);
      const name = found && rootName(found.type);
      return found && name ? { name, index: Math.min(found.index, this.text(name).length) } : null;
    } catch {
      return null;
    }
  }

  /** Add a file with a text of its own, whatever was or is written under that path elsewhere; return its name, null if one may not. */
  add(path: string, text: string): string | null {
    if (!this.mayWrite()) return null;
    const name = freshText(path);
    this.doc.transact(() => {
      if (text) this.text(name).insert(0, text.replace(/\r\n?/g, "\n"));
      this.#give(path, name);
    });
    return name;
  }

  rename(from: string, to: string): boolean {
    const name = this.named(from);
    if (name === null || !this.mayWrite()) return false;
    this.doc.transact(() => this.#give(to, name));
    return true;
  }

  /** Take a file off the list. Its text stays as it is; `bringBack` lists it again. */
  remove(path: string): boolean {
    const name = this.named(path);
    if (name === null || !this.mayWrite()) return false;
    this.doc.transact(() => this.#unlist(name));
    return true;
  }

  /** Put another text in the place of a part of one. */
  replace(name: string, from: number, to: number, becomes: string): boolean {
    if (!this.mayWrite()) return false;
    const text = this.text(name);
    this.doc.transact(() => {
      text.delete(from, to - from);
      text.insert(from, becomes);
    });
    return true;
  }

  /** List a text again, under its old path if that is free; return the path, null if one may not. */
  bringBack(name: string): string | null {
    if (!this.mayWrite()) return null;
    const path = freePath(this.pathOf(name), this.paths);
    this.doc.transact(() => this.#give(path, name));
    return path;
  }

  /** The texts that no file has any more and that are not empty, the newest first. */
  unlisted(): string[] {
    const names = [...this.doc.share.keys()].filter((name) => isText(name) && !this.isListed(name));
    return names.filter((name) => this.text(name).length > 0).reverse();
  }

  /** Those of them that are offered to be brought back. */
  deleted(): string[] {
    return this.unlisted().slice(0, KEPT);
  }

  /** Empty the oldest deleted texts beyond so many characters, but those that somebody is in. */
  forget(beyond: number, isUsed: (name: string) => boolean): void {
    if (!this.mayWrite()) return;
    let kept = 0;
    this.doc.transact(() => {
      for (const name of this.unlisted()) {
        const text = this.text(name);
        kept += text.length;
        if (kept > beyond && !isUsed(name)) text.delete(0, text.length);
      }
    });
  }

  #give(path: string, name: string): void {
    this.#unlist(name);
    const text = name === namedText(path, null) ? {} : { text: name };
    this.#entries.set(path, { language: languageOf(path), ...text });
    const id = entryId(this.#entries, path);
    if (id) this.#given.set(name, { path, id });
  }

  #unlist(name: string): void {
    for (const [path, entry] of this.#entries.entries())
      if (namedText(path, entry) === name) this.#entries.delete(path);
  }

  #look(): void {
    const listed = textNames(this.#entries);
    const moved = new Map<string, string>();
    for (const [path, name] of listed) {
      const before = this.#paths.get(name);
      if (before !== undefined && before !== path) moved.set(before, path);
      this.#paths.set(name, path);
    }
    this.listed.set(listed);
    if (moved.size > 0) this.moved.set(moved);
    for (const [name, { path, id }] of this.#given) {
      if (this.isListed(name)) continue;
      this.#given.delete(name);
      // Not in the midst of somebody else's transaction.
      if (wonUnseen(this.#entries, path, id)) queueMicrotask(() => this.#yield(name, path));
    }
  }

  /** Somebody else's file has the path now: go along with it, or have another path. */
  #yield(name: string, path: string): void {
    const theirs = this.named(path);
    if (theirs === null || this.isListed(name)) return;
    if (!this.mayWrite()) return; // it is among the deleted ones, to be brought back
    const mine = this.text(name).toString();
    const same = mine === "" || mine === this.text(theirs).toString();
    this.clashed.set({ text: name, path, now: same ? theirs : name });
    if (!same) this.bringBack(name);
  }
}
