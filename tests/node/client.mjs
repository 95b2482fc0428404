// A stock y-websocket client, driven by lines of JSON on standard input; it answers each with a line of JSON.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const web = createRequire(new URL("../../web/package.json", import.meta.url));
const load = (name) => import(web.resolve(name));
const Y = await load("yjs");
const { WebsocketProvider } = await load("y-websocket");
const WebSocket = web("ws");

const [serverUrl, room, token] = process.argv.slice(2);
const doc = new Y.Doc();
const provider = new WebsocketProvider(serverUrl, room, doc, {
  WebSocketPolyfill: WebSocket,
  disableBc: true,
  params: token ? { token } : {},
});
const text = doc.getText("file:main.py");
const events = [];
provider.on("status", ({ status }) => events.push(status));
provider.on("closed", ({ code }) => events.push(`closed ${code}`));

const commands = {
  state: () => ({
    synced: provider.synced,
    connected: provider.wsconnected,
    text: text.toString(),
    events,
    language: doc.getMap("settings").get("language"),
    files: Object.fromEntries(doc.getMap("files").entries()),
    present: [...provider.awareness.getStates().values()].map((state) => state.user?.name).filter(Boolean).sort(),
  }),
  insert: ({ at, value }) => text.insert(at, value),
  // One transaction after another with nothing between: as fast as a client can type.
  type: ({ value }) => { for (const character of value) text.insert(text.length, character); },
  remove: ({ at, length }) => text.delete(at, length),
  language: ({ value }) => doc.getMap("settings").set("language", value),
  name: ({ value }) => provider.awareness.setLocalStateField("user", { name: value }),
  disconnect: () => provider.disconnect(),
  connect: () => provider.connect(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  if (command === "quit") break;
  const answer = commands[command](rest);
  console.log(JSON.stringify(command === "state" ? answer : {}));
}
provider.destroy();
process.exit(0);
