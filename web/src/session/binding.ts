/**
 * What holds an editor and its shared text together, whatever breaks: CodeMirror takes a plugin out for good once it has
 * thrown, and from then on what is typed would be only on the screen.
 */
import { ChangeSet, Compartment, type Extension, Text } from "@codemirror/state";
import { EditorView, ViewPlugin } from "@codemirror/view";
import { ySync } from "y-codemirror.next";
import type * as Y from "yjs";
import { difference } from "../difference";

/** Return `binding` (y-codemirror's extension), and what mends it; `onMended` is called when that was needed. */
export function mending(text: Y.Text, binding: Extension, onMended: () => void): Extension {
  const bound = new Compartment();
  const guard = ViewPlugin.define((view) => {
    let agreed = view.state.doc;
    let asked = false;
    let gone = false;
    const look = () => {
      asked = false;
      if (gone) return;
      const works = view.plugin(ySync) !== null && text.length === view.state.doc.length;
      if (!works) {
        rejoin(view, text, agreed, bound, binding);
        onMended();
      }
      agreed = view.state.doc;
    };
    // After what is under way: both sides change one after the other.
    const lookSoon = () => {
      if (!asked) queueMicrotask(look);
      asked = true;
    };
    text.observe(lookSoon);
    return {
      update: ({ docChanged }) => docChanged && lookSoon(),
      destroy: () => {
        gone = true;
        text.unobserve(lookSoon);
      },
    };
  });
  return [bound.of(binding), guard, EditorView.exceptionSink.of((error) => console.error(error))];
}

/** Make view and text the same again, and bind them anew. */
function rejoin(
  view: EditorView,
  text: Y.Text,
  agreed: Text,
  bound: Compartment,
  binding: Extension,
): void {
  view.dispatch({ effects: bound.reconfigure([]) });
  const [shown, shared] = [view.state.doc.toString(), text.toString()];
  const both = combined(agreed.toString(), shown, shared);
  const [there, here] = [difference(shared, both), difference(shown, both)];
  if (there) {
    text.doc?.transact(() => {
      text.delete(there.from, there.to - there.from);
      text.insert(there.from, there.insert);
    });
  }
  if (here) view.dispatch({ changes: here, filter: false });
  view.dispatch({ effects: bound.reconfigure(binding) });
}

/** What two texts that were one have become: what was typed here, over what came from others. */
export function combined(before: string, mine: string, theirs: string): string {
  if (mine === theirs || mine === before) return theirs;
  const change = (to: string) => ChangeSet.of(difference(before, to) ?? [], before.length);
  const over = change(mine).map(change(theirs));
  return over.apply(Text.of(theirs.split("\n"))).toString();
}
